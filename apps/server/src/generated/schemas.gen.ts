// Generated from openapi/ by `npm run generate`; do not edit.

/** File name → the JSON Schema that editors complete from; `schemas/` holds the same as files. */
export const fileSchemas = {
  "flow.schema.json": {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$comment": "Generated from openapi/ by `npm run generate`; do not edit.",
    "title": "A Noukai flow",
    "type": "object",
    "description": "A flow as data, a tree of steps with the schema of its input.",
    "additionalProperties": false,
    "required": [
      "steps"
    ],
    "properties": {
      "$schema": {
        "type": "string",
        "description": "The address of this schema, for editors."
      },
      "name": {
        "type": "string",
        "minLength": 1,
        "maxLength": 200,
        "description": "For people. Absent = the flow's slug."
      },
      "description": {
        "type": "string",
        "maxLength": 2000,
        "description": "For people."
      },
      "capture": {
        "description": "Absent = the project's mode, `metadata_only` when it has none.",
        "$ref": "#/$defs/CaptureMode"
      },
      "redact": {
        "description": "What the capture mode `redacted` hides of this flow, beside keys, e-mail addresses, card numbers and what the project names.",
        "$ref": "#/$defs/RedactionRules"
      },
      "retention": {
        "description": "How long this flow's runs are kept. Absent = as the project says, for ever when it says nothing.",
        "$ref": "#/$defs/Retention"
      },
      "input": {
        "description": "The JSON Schema of an object, the flow's input. `message` fills its property of that name, else its first one. Absent = one optional string `message`.",
        "$ref": "#/$defs/JsonSchema"
      },
      "steps": {
        "description": "The top level. Each node is one `stepIndex`.",
        "$ref": "#/$defs/Steps"
      }
    },
    "$defs": {
      "BranchCase": {
        "type": "object",
        "description": "A condition and what to run when it holds.",
        "additionalProperties": false,
        "required": [
          "if",
          "steps"
        ],
        "properties": {
          "if": {
            "$ref": "#/$defs/Expression"
          },
          "steps": {
            "$ref": "#/$defs/Steps"
          }
        }
      },
      "BranchStep": {
        "type": "object",
        "description": "Runs the steps of the first case that holds, else those of `else`, else hands its input on. The output is that path's.",
        "additionalProperties": false,
        "required": [
          "id",
          "type",
          "when"
        ],
        "properties": {
          "id": {
            "$ref": "#/$defs/StepId"
          },
          "name": {
            "$ref": "#/$defs/StepName"
          },
          "description": {
            "$ref": "#/$defs/StepDescription"
          },
          "type": {
            "type": "string",
            "enum": [
              "branch"
            ],
            "description": "The kind of node."
          },
          "when": {
            "type": "array",
            "description": "Tried in order.",
            "minItems": 1,
            "maxItems": 256,
            "items": {
              "$ref": "#/$defs/BranchCase"
            }
          },
          "else": {
            "$ref": "#/$defs/Steps"
          }
        }
      },
      "CaptureMode": {
        "type": "string",
        "description": "How much of inputs and outputs traces and sessions show. `full`: all of it. `redacted`: all but what the project's rules remove. `metadata_only`: sizes, times, tokens and costs, and a failed step's input and error. `off`: not even those.",
        "enum": [
          "full",
          "redacted",
          "metadata_only",
          "off"
        ]
      },
      "CodeStep": {
        "type": "object",
        "description": "Runs JavaScript in a sandbox without imports, network, timers, clock or randomness.",
        "additionalProperties": false,
        "required": [
          "id",
          "type",
          "language",
          "code"
        ],
        "properties": {
          "id": {
            "$ref": "#/$defs/StepId"
          },
          "name": {
            "$ref": "#/$defs/StepName"
          },
          "description": {
            "$ref": "#/$defs/StepDescription"
          },
          "type": {
            "type": "string",
            "enum": [
              "code"
            ],
            "description": "The kind of node."
          },
          "language": {
            "type": "string",
            "enum": [
              "javascript"
            ],
            "description": "The only one there is."
          },
          "code": {
            "type": "string",
            "description": "The body of a function of `initial`, `input` and each field of the input whose name is an identifier. It must return a JSON object.",
            "minLength": 1,
            "maxLength": 262144
          },
          "timeoutMs": {
            "$ref": "#/$defs/TimeoutMs"
          },
          "retry": {
            "$ref": "#/$defs/RetryPolicy"
          }
        }
      },
      "Expression": {
        "type": "string",
        "description": "A CEL expression over the input's fields, `initial`, `steps`, `item` and `index`. Values are bound, never pasted in as text.",
        "minLength": 1,
        "maxLength": 4096
      },
      "FlowStep": {
        "type": "object",
        "description": "Runs another flow of the same project. Cycles are refused.",
        "additionalProperties": false,
        "required": [
          "id",
          "type",
          "flow"
        ],
        "properties": {
          "id": {
            "$ref": "#/$defs/StepId"
          },
          "name": {
            "$ref": "#/$defs/StepName"
          },
          "description": {
            "$ref": "#/$defs/StepDescription"
          },
          "type": {
            "type": "string",
            "enum": [
              "flow"
            ],
            "description": "The kind of node."
          },
          "flow": {
            "description": "The other flow.",
            "$ref": "#/$defs/Slug"
          },
          "version": {
            "description": "Which of its versions; pinned when the run starts.",
            "anyOf": [
              {
                "type": "string",
                "enum": [
                  "production",
                  "draft"
                ]
              },
              {
                "$ref": "#/$defs/PublishedVersion"
              }
            ],
            "default": "production"
          },
          "input": {
            "type": "object",
            "description": "Its input, name → value. Strings are templates. Absent = this node's input.",
            "additionalProperties": true
          }
        }
      },
      "JsonSchema": {
        "type": "object",
        "description": "A JSON Schema (draft 2020-12), written as an object.",
        "additionalProperties": true
      },
      "LlmStep": {
        "type": "object",
        "description": "Asks a model. Its output is `{text}`, or an object of the schema in `output`.",
        "additionalProperties": false,
        "required": [
          "id",
          "type",
          "model",
          "prompt"
        ],
        "properties": {
          "id": {
            "$ref": "#/$defs/StepId"
          },
          "name": {
            "$ref": "#/$defs/StepName"
          },
          "description": {
            "$ref": "#/$defs/StepDescription"
          },
          "type": {
            "type": "string",
            "enum": [
              "llm"
            ],
            "description": "The kind of node."
          },
          "model": {
            "$ref": "#/$defs/ModelName"
          },
          "system": {
            "description": "The system prompt.",
            "$ref": "#/$defs/Template"
          },
          "prompt": {
            "description": "The user's turn.",
            "$ref": "#/$defs/Template"
          },
          "temperature": {
            "type": "number",
            "minimum": 0,
            "maximum": 2,
            "description": "Absent = the model's own default."
          },
          "maxOutputTokens": {
            "type": "integer",
            "minimum": 1,
            "description": "Absent = the model's own bound."
          },
          "tools": {
            "type": "boolean",
            "default": false,
            "description": "Whether this step may ask the caller for tools. Top level only."
          },
          "output": {
            "description": "The JSON Schema that the answer must satisfy.",
            "$ref": "#/$defs/JsonSchema"
          },
          "timeoutMs": {
            "$ref": "#/$defs/TimeoutMs"
          },
          "retry": {
            "$ref": "#/$defs/RetryPolicy"
          },
          "fallback": {
            "type": "array",
            "description": "Models to ask in turn when the one before failed for good.",
            "maxItems": 10,
            "items": {
              "$ref": "#/$defs/ModelName"
            }
          }
        }
      },
      "LoopStep": {
        "type": "object",
        "description": "Runs its steps once per item. Each pass begins with `{item, index}`; the output is `{items}`, in order.",
        "additionalProperties": false,
        "required": [
          "id",
          "type",
          "over",
          "steps"
        ],
        "properties": {
          "id": {
            "$ref": "#/$defs/StepId"
          },
          "name": {
            "$ref": "#/$defs/StepName"
          },
          "description": {
            "$ref": "#/$defs/StepDescription"
          },
          "type": {
            "type": "string",
            "enum": [
              "loop"
            ],
            "description": "The kind of node."
          },
          "over": {
            "type": "string",
            "minLength": 1,
            "maxLength": 500,
            "description": "The path of an array in this node's input."
          },
          "concurrency": {
            "type": "integer",
            "minimum": 1,
            "maximum": 256,
            "default": 1,
            "description": "How many passes run at a time."
          },
          "onError": {
            "type": [
              "string",
              "null"
            ],
            "description": "What a failed pass does: `fail` ends the run, `skip` leaves its item out, `null` keeps its place with null. YAML reads a bare `null` as the null value; both that and the word are taken.",
            "enum": [
              "fail",
              "skip",
              "null",
              null
            ],
            "default": "fail"
          },
          "steps": {
            "$ref": "#/$defs/Steps"
          }
        }
      },
      "ModelName": {
        "type": "string",
        "description": "`provider/model`. `noukai/echo` is built in and needs no network.",
        "pattern": "^[A-Za-z0-9_-]+/\\S+$",
        "maxLength": 200,
        "examples": [
          "openai/gpt-5-mini"
        ]
      },
      "ParallelStep": {
        "type": "object",
        "description": "Runs its branches at the same time, all from its input. The output has one member per branch.",
        "additionalProperties": false,
        "required": [
          "id",
          "type",
          "branches"
        ],
        "properties": {
          "id": {
            "$ref": "#/$defs/StepId"
          },
          "name": {
            "$ref": "#/$defs/StepName"
          },
          "description": {
            "$ref": "#/$defs/StepDescription"
          },
          "type": {
            "type": "string",
            "enum": [
              "parallel"
            ],
            "description": "The kind of node."
          },
          "branches": {
            "type": "object",
            "description": "Branch name → its steps. Names are as step ids.",
            "minProperties": 1,
            "maxProperties": 256,
            "propertyNames": {
              "$ref": "#/$defs/StepId"
            },
            "additionalProperties": {
              "$ref": "#/$defs/Steps"
            }
          }
        }
      },
      "PassthroughStep": {
        "type": "object",
        "description": "Hands its input on. It marks a place, or makes an input the flow's result.",
        "additionalProperties": false,
        "required": [
          "id",
          "type"
        ],
        "properties": {
          "id": {
            "$ref": "#/$defs/StepId"
          },
          "name": {
            "$ref": "#/$defs/StepName"
          },
          "description": {
            "$ref": "#/$defs/StepDescription"
          },
          "type": {
            "type": "string",
            "enum": [
              "passthrough"
            ],
            "description": "The kind of node."
          }
        }
      },
      "PublishedVersion": {
        "type": "integer",
        "description": "A published, immutable version. The first one is 1.",
        "minimum": 1,
        "maximum": 2147483647
      },
      "RedactionRule": {
        "type": "object",
        "description": "Each match of the pattern is replaced by `[redacted:<name>]`.",
        "additionalProperties": false,
        "required": [
          "name",
          "pattern"
        ],
        "properties": {
          "name": {
            "type": "string",
            "description": "What stands in place of a match. Lowercase letters, digits and hyphens, a letter first.",
            "pattern": "^[a-z][a-z0-9-]{0,39}$",
            "examples": [
              "customer-number"
            ]
          },
          "pattern": {
            "type": "string",
            "description": "A regular expression, matched anywhere in a text. Upper and lower case differ; begin it with `(?i)` and they do not. Look-around and back references do not exist here, so that no pattern can take long.",
            "minLength": 1,
            "maxLength": 500,
            "examples": [
              "\\bK-\\d{8}\\b"
            ]
          }
        }
      },
      "RedactionRules": {
        "type": "array",
        "description": "Patterns of your own, for flows under the capture mode `redacted`.",
        "maxItems": 20,
        "items": {
          "$ref": "#/$defs/RedactionRule"
        }
      },
      "Retention": {
        "type": "object",
        "description": "How long runs are kept. Then all of them goes, the run itself with its trace.",
        "additionalProperties": false,
        "required": [
          "days"
        ],
        "properties": {
          "days": {
            "type": "integer",
            "minimum": 1,
            "maximum": 36500,
            "description": "Days after a run's end."
          }
        }
      },
      "RetryPolicy": {
        "type": "object",
        "description": "When and how often a failed attempt is followed by another. Full jitter.",
        "additionalProperties": false,
        "properties": {
          "maxAttempts": {
            "type": "integer",
            "minimum": 1,
            "maximum": 20,
            "default": 3,
            "description": "The first one included; 1 = never again."
          },
          "initialMs": {
            "type": "integer",
            "minimum": 0,
            "maximum": 3600000,
            "default": 500,
            "description": "The longest wait before the second attempt."
          },
          "factor": {
            "type": "number",
            "minimum": 1,
            "maximum": 10,
            "default": 2,
            "description": "By how much that wait grows each time."
          }
        }
      },
      "Slug": {
        "type": "string",
        "description": "Lowercase letters, digits and hyphens, 2 to 50 characters, no hyphen at either end.",
        "minLength": 2,
        "maxLength": 50,
        "pattern": "^[a-z0-9][a-z0-9-]*[a-z0-9]$",
        "examples": [
          "grade-3"
        ]
      },
      "Step": {
        "description": "One node of the tree. `type` says which kind.",
        "oneOf": [
          {
            "$ref": "#/$defs/LlmStep"
          },
          {
            "$ref": "#/$defs/CodeStep"
          },
          {
            "$ref": "#/$defs/PassthroughStep"
          },
          {
            "$ref": "#/$defs/LoopStep"
          },
          {
            "$ref": "#/$defs/ParallelStep"
          },
          {
            "$ref": "#/$defs/BranchStep"
          },
          {
            "$ref": "#/$defs/FlowStep"
          }
        ]
      },
      "StepDescription": {
        "type": "string",
        "description": "For people.",
        "maxLength": 2000
      },
      "StepId": {
        "type": "string",
        "description": "The `id` of a node, unique in its flow's tree. A letter or underscore, then letters, digits, hyphens and underscores, at most 64 characters.",
        "maxLength": 64,
        "pattern": "^[A-Za-z_][A-Za-z0-9_-]*$",
        "examples": [
          "check"
        ]
      },
      "StepName": {
        "type": "string",
        "description": "For people. Absent = the step's `id`.",
        "minLength": 1,
        "maxLength": 200
      },
      "Steps": {
        "type": "array",
        "description": "A sequence. Each step's input is the output of the one before; the first one's is its container's.",
        "minItems": 1,
        "items": {
          "$ref": "#/$defs/Step"
        }
      },
      "Template": {
        "type": "string",
        "description": "Text with `{{path}}` in it: `{{field}}` of the step's input, `{{initial.field}}` of the flow's, `{{steps.<id>.field}}` of an earlier step's output, `{{item}}` and `{{index}}` inside a loop. What is not a string is written as JSON.",
        "minLength": 1
      },
      "TimeoutMs": {
        "type": "integer",
        "description": "How long one attempt may take, in milliseconds.",
        "minimum": 1,
        "maximum": 86400000
      }
    }
  },
  "project.schema.json": {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$comment": "Generated from openapi/ by `npm run generate`; do not edit.",
    "title": "The settings of a Noukai project",
    "type": "object",
    "description": "The settings of one project. Each member is optional, and so is the file.",
    "additionalProperties": false,
    "properties": {
      "$schema": {
        "type": "string",
        "description": "The address of this schema, for editors."
      },
      "creditsUsd": {
        "description": "The project's balance in US dollars. Absent = unlimited.",
        "$ref": "#/$defs/UsdAmount"
      },
      "limits": {
        "$ref": "#/$defs/ProjectLimits"
      },
      "capture": {
        "description": "The mode of flows that name none. Absent = `metadata_only`.",
        "$ref": "#/$defs/CaptureMode"
      },
      "redact": {
        "description": "What flows under `redacted` hide beside keys, e-mail addresses and card numbers.",
        "$ref": "#/$defs/RedactionRules"
      },
      "retention": {
        "description": "How long runs are kept whose flow says nothing about it. Absent = for ever.",
        "$ref": "#/$defs/Retention"
      },
      "corsOrigins": {
        "type": "array",
        "description": "Origins whose pages may call this project's flows directly, beside those of the server.",
        "maxItems": 100,
        "items": {
          "type": "string",
          "description": "Scheme, host and perhaps port, no path.",
          "pattern": "^https?://[^/\\s?#@]+$",
          "examples": [
            "https://app.example.com"
          ]
        }
      },
      "webhookSecret": {
        "type": "string",
        "description": "Signs webhooks. `whsec_` and the base64 of 24 to 64 random bytes (Standard Webhooks).",
        "pattern": "^whsec_[A-Za-z0-9+/]{32,86}={0,2}$",
        "examples": [
          "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"
        ]
      }
    },
    "$defs": {
      "CaptureMode": {
        "type": "string",
        "description": "How much of inputs and outputs traces and sessions show. `full`: all of it. `redacted`: all but what the project's rules remove. `metadata_only`: sizes, times, tokens and costs, and a failed step's input and error. `off`: not even those.",
        "enum": [
          "full",
          "redacted",
          "metadata_only",
          "off"
        ]
      },
      "ProjectLimits": {
        "type": "object",
        "description": "What the project may use. Absent = unlimited.",
        "additionalProperties": false,
        "properties": {
          "requestsPerMinute": {
            "type": "integer",
            "minimum": 1,
            "maximum": 1000000,
            "description": "Calls that make or resume a run."
          },
          "concurrentRuns": {
            "type": "integer",
            "minimum": 1,
            "maximum": 1000000,
            "description": "Runs in work at once."
          },
          "tokensPerRun": {
            "type": "integer",
            "minimum": 1,
            "maximum": 1000000000,
            "description": "Over all steps and attempts of one run."
          },
          "usdPerRun": {
            "description": "US dollars, over all steps and attempts of one run.",
            "$ref": "#/$defs/UsdAmount"
          }
        }
      },
      "RedactionRule": {
        "type": "object",
        "description": "Each match of the pattern is replaced by `[redacted:<name>]`.",
        "additionalProperties": false,
        "required": [
          "name",
          "pattern"
        ],
        "properties": {
          "name": {
            "type": "string",
            "description": "What stands in place of a match. Lowercase letters, digits and hyphens, a letter first.",
            "pattern": "^[a-z][a-z0-9-]{0,39}$",
            "examples": [
              "customer-number"
            ]
          },
          "pattern": {
            "type": "string",
            "description": "A regular expression, matched anywhere in a text. Upper and lower case differ; begin it with `(?i)` and they do not. Look-around and back references do not exist here, so that no pattern can take long.",
            "minLength": 1,
            "maxLength": 500,
            "examples": [
              "\\bK-\\d{8}\\b"
            ]
          }
        }
      },
      "RedactionRules": {
        "type": "array",
        "description": "Patterns of your own, for flows under the capture mode `redacted`.",
        "maxItems": 20,
        "items": {
          "$ref": "#/$defs/RedactionRule"
        }
      },
      "Retention": {
        "type": "object",
        "description": "How long runs are kept. Then all of them goes, the run itself with its trace.",
        "additionalProperties": false,
        "required": [
          "days"
        ],
        "properties": {
          "days": {
            "type": "integer",
            "minimum": 1,
            "maximum": 36500,
            "description": "Days after a run's end."
          }
        }
      },
      "UsdAmount": {
        "description": "An amount of US dollars, a number or a decimal string.",
        "anyOf": [
          {
            "type": "number",
            "minimum": 0
          },
          {
            "type": "string",
            "pattern": "^\\d{1,12}(\\.\\d{1,12})?$"
          }
        ],
        "examples": [
          "25.50"
        ]
      }
    }
  }
};
