// Generated from openapi/ by `npm run generate`; do not edit.

/** The whole contract in one OpenAPI 3.1 document. */
export const openapiDocument: Readonly<Record<string, unknown>> = {
  "openapi": "3.1.0",
  "info": {
    "title": "Noukai",
    "version": "2026-05-31",
    "summary": "Run flows - versioned trees of llm, code and control steps - by one URL.",
    "description": "A **flow** is a tree of steps, published in immutable versions; a **run** is one execution of one version, named by its `executionId`.\n\n* Send `Authorization: Bearer nk_…`. A key belongs to one project.\n* Bodies are JSON in camelCase. At the top level of a request, absent, `null` and empty members mean the same. Where a member is marked\n  with `x-also-spelled`, that spelling is read too.\n* A failed run is a 422: the flow failed, not the server. Only 429 and 503 ask for another try.\n* Streams are server-sent events with the run's own numbering, so that a cut one goes on with `Last-Event-ID` and loses nothing.\n* 501 refuses what this server does not do, such as parts of a conversation that are not text. Every operation of this document is served.\n",
    "license": {
      "name": "MIT",
      "identifier": "MIT"
    }
  },
  "servers": [
    {
      "url": "/api/v1",
      "description": "The server that served this document."
    },
    {
      "url": "https://api.noukai.dev/api/v1",
      "description": "Production, the clients' default."
    },
    {
      "url": "http://localhost:8080/api/v1",
      "description": "A server on this machine, the clients' `dev`."
    }
  ],
  "security": [
    {
      "apiKey": []
    }
  ],
  "tags": [
    {
      "name": "Execute",
      "description": "Run a flow and wait."
    },
    {
      "name": "Step",
      "description": "Run a flow step by step, as a stream."
    },
    {
      "name": "Jobs",
      "description": "Run a flow later, and ask how it went."
    },
    {
      "name": "Runs",
      "description": "What runs did and do."
    },
    {
      "name": "Executions",
      "description": "Runs under an id of their own, that can be edited and run again."
    },
    {
      "name": "Sessions",
      "description": "Runs recorded together, for replay."
    },
    {
      "name": "Flows",
      "description": "Definitions, versions and the production pointer."
    },
    {
      "name": "Keys",
      "description": "API keys."
    },
    {
      "name": "Credits",
      "description": "What a project may spend on its runs."
    },
    {
      "name": "Operations",
      "description": "Probes and figures for those who run a server."
    }
  ],
  "paths": {
    "/seq/{org}/{project}/{flow}/execute": {
      "parameters": [
        {
          "$ref": "#/components/parameters/org"
        },
        {
          "$ref": "#/components/parameters/project"
        },
        {
          "$ref": "#/components/parameters/flow"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "post": {
        "operationId": "executeFlow",
        "tags": [
          "Execute"
        ],
        "summary": "Run a flow and wait for its result",
        "description": "Runs to completion or to a tool-call pause, and resumes such a pause: then the body carries the resume fields, and the call goes to the same versioned path. A failed run answers 422. Two different resumes racing: one wins, the other gets 409 `ALREADY_RESUMED`; an identical repeat gets the same answer. Runs the production version; while none was ever promoted, the draft.",
        "security": [
          {
            "apiKey": [
              "run"
            ]
          }
        ],
        "parameters": [
          {
            "$ref": "#/components/parameters/session"
          },
          {
            "$ref": "#/components/parameters/idempotencyKey"
          },
          {
            "$ref": "#/components/parameters/onDisconnect"
          }
        ],
        "requestBody": {
          "$ref": "#/components/requestBodies/Execute"
        },
        "responses": {
          "200": {
            "$ref": "#/components/responses/Executed"
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "402": {
            "$ref": "#/components/responses/PaymentRequired"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "409": {
            "$ref": "#/components/responses/Conflict"
          },
          "413": {
            "$ref": "#/components/responses/TooLarge"
          },
          "415": {
            "$ref": "#/components/responses/UnsupportedMediaType"
          },
          "422": {
            "$ref": "#/components/responses/RunFailed"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          },
          "501": {
            "$ref": "#/components/responses/NotImplemented"
          },
          "503": {
            "$ref": "#/components/responses/Unavailable"
          }
        }
      }
    },
    "/seq/{org}/{project}/{flow}/v{version}/execute": {
      "parameters": [
        {
          "$ref": "#/components/parameters/org"
        },
        {
          "$ref": "#/components/parameters/project"
        },
        {
          "$ref": "#/components/parameters/flow"
        },
        {
          "$ref": "#/components/parameters/version"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "post": {
        "operationId": "executeFlowVersion",
        "tags": [
          "Execute"
        ],
        "summary": "Run a flow and wait for its result, a given version",
        "description": "Runs to completion or to a tool-call pause, and resumes such a pause: then the body carries the resume fields, and the call goes to the same versioned path. A failed run answers 422. Two different resumes racing: one wins, the other gets 409 `ALREADY_RESUMED`; an identical repeat gets the same answer. Runs the version in the path; `/v0` is the draft, snapshotted when the run starts.",
        "security": [
          {
            "apiKey": [
              "run"
            ]
          }
        ],
        "parameters": [
          {
            "$ref": "#/components/parameters/session"
          },
          {
            "$ref": "#/components/parameters/idempotencyKey"
          },
          {
            "$ref": "#/components/parameters/onDisconnect"
          }
        ],
        "requestBody": {
          "$ref": "#/components/requestBodies/Execute"
        },
        "responses": {
          "200": {
            "$ref": "#/components/responses/Executed"
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "402": {
            "$ref": "#/components/responses/PaymentRequired"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "409": {
            "$ref": "#/components/responses/Conflict"
          },
          "413": {
            "$ref": "#/components/responses/TooLarge"
          },
          "415": {
            "$ref": "#/components/responses/UnsupportedMediaType"
          },
          "422": {
            "$ref": "#/components/responses/RunFailed"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          },
          "501": {
            "$ref": "#/components/responses/NotImplemented"
          },
          "503": {
            "$ref": "#/components/responses/Unavailable"
          }
        }
      }
    },
    "/seq/{org}/{project}/{flow}/step": {
      "parameters": [
        {
          "$ref": "#/components/parameters/org"
        },
        {
          "$ref": "#/components/parameters/project"
        },
        {
          "$ref": "#/components/parameters/flow"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "post": {
        "operationId": "stepFlow",
        "tags": [
          "Step"
        ],
        "summary": "Run one step, or the rest, as a stream",
        "description": "Runs one top-level step, or with `runRemaining` every step from `stepIndex`, and streams its events. Faults before the first byte are HTTP errors; 429 and 5xx come only before a run exists. `Last-Event-ID` goes on behind that event of the same segment. Runs the production version; while none was ever promoted, the draft.",
        "security": [
          {
            "apiKey": [
              "run"
            ]
          }
        ],
        "parameters": [
          {
            "$ref": "#/components/parameters/session"
          },
          {
            "$ref": "#/components/parameters/idempotencyKey"
          },
          {
            "$ref": "#/components/parameters/onDisconnect"
          },
          {
            "$ref": "#/components/parameters/lastEventId"
          }
        ],
        "requestBody": {
          "$ref": "#/components/requestBodies/Step"
        },
        "responses": {
          "200": {
            "$ref": "#/components/responses/SegmentStream"
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "402": {
            "$ref": "#/components/responses/PaymentRequired"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "409": {
            "$ref": "#/components/responses/Conflict"
          },
          "413": {
            "$ref": "#/components/responses/TooLarge"
          },
          "415": {
            "$ref": "#/components/responses/UnsupportedMediaType"
          },
          "422": {
            "$ref": "#/components/responses/RunFailed"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          },
          "501": {
            "$ref": "#/components/responses/NotImplemented"
          },
          "503": {
            "$ref": "#/components/responses/Unavailable"
          }
        }
      }
    },
    "/seq/{org}/{project}/{flow}/v{version}/step": {
      "parameters": [
        {
          "$ref": "#/components/parameters/org"
        },
        {
          "$ref": "#/components/parameters/project"
        },
        {
          "$ref": "#/components/parameters/flow"
        },
        {
          "$ref": "#/components/parameters/version"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "post": {
        "operationId": "stepFlowVersion",
        "tags": [
          "Step"
        ],
        "summary": "Run one step, or the rest, as a stream, a given version",
        "description": "Runs one top-level step, or with `runRemaining` every step from `stepIndex`, and streams its events. Faults before the first byte are HTTP errors; 429 and 5xx come only before a run exists. `Last-Event-ID` goes on behind that event of the same segment. Runs the version in the path; `/v0` is the draft, snapshotted when the run starts.",
        "security": [
          {
            "apiKey": [
              "run"
            ]
          }
        ],
        "parameters": [
          {
            "$ref": "#/components/parameters/session"
          },
          {
            "$ref": "#/components/parameters/idempotencyKey"
          },
          {
            "$ref": "#/components/parameters/onDisconnect"
          },
          {
            "$ref": "#/components/parameters/lastEventId"
          }
        ],
        "requestBody": {
          "$ref": "#/components/requestBodies/Step"
        },
        "responses": {
          "200": {
            "$ref": "#/components/responses/SegmentStream"
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "402": {
            "$ref": "#/components/responses/PaymentRequired"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "409": {
            "$ref": "#/components/responses/Conflict"
          },
          "413": {
            "$ref": "#/components/responses/TooLarge"
          },
          "415": {
            "$ref": "#/components/responses/UnsupportedMediaType"
          },
          "422": {
            "$ref": "#/components/responses/RunFailed"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          },
          "501": {
            "$ref": "#/components/responses/NotImplemented"
          },
          "503": {
            "$ref": "#/components/responses/Unavailable"
          }
        }
      }
    },
    "/seq/{org}/{project}/{flow}/jobs": {
      "parameters": [
        {
          "$ref": "#/components/parameters/org"
        },
        {
          "$ref": "#/components/parameters/project"
        },
        {
          "$ref": "#/components/parameters/flow"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "post": {
        "operationId": "submitJob",
        "tags": [
          "Jobs"
        ],
        "summary": "Put a run into the queue",
        "description": "Stores a run for the next free worker and answers at once. Follow it with `getJob` or `streamRunTrace`; a restart of the server does not lose it. Runs the production version; while none was ever promoted, the draft.",
        "security": [
          {
            "apiKey": [
              "run"
            ]
          }
        ],
        "parameters": [
          {
            "$ref": "#/components/parameters/session"
          },
          {
            "$ref": "#/components/parameters/idempotencyKey"
          }
        ],
        "requestBody": {
          "$ref": "#/components/requestBodies/Job"
        },
        "responses": {
          "202": {
            "$ref": "#/components/responses/JobAccepted"
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "402": {
            "$ref": "#/components/responses/PaymentRequired"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "413": {
            "$ref": "#/components/responses/TooLarge"
          },
          "415": {
            "$ref": "#/components/responses/UnsupportedMediaType"
          },
          "422": {
            "$ref": "#/components/responses/RunFailed"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          },
          "501": {
            "$ref": "#/components/responses/NotImplemented"
          },
          "503": {
            "$ref": "#/components/responses/Unavailable"
          }
        }
      }
    },
    "/seq/{org}/{project}/{flow}/v{version}/jobs": {
      "parameters": [
        {
          "$ref": "#/components/parameters/org"
        },
        {
          "$ref": "#/components/parameters/project"
        },
        {
          "$ref": "#/components/parameters/flow"
        },
        {
          "$ref": "#/components/parameters/version"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "post": {
        "operationId": "submitJobVersion",
        "tags": [
          "Jobs"
        ],
        "summary": "Put a run into the queue, a given version",
        "description": "Stores a run for the next free worker and answers at once. Follow it with `getJob` or `streamRunTrace`; a restart of the server does not lose it. Runs the version in the path; `/v0` is the draft, snapshotted when the run starts.",
        "security": [
          {
            "apiKey": [
              "run"
            ]
          }
        ],
        "parameters": [
          {
            "$ref": "#/components/parameters/session"
          },
          {
            "$ref": "#/components/parameters/idempotencyKey"
          }
        ],
        "requestBody": {
          "$ref": "#/components/requestBodies/Job"
        },
        "responses": {
          "202": {
            "$ref": "#/components/responses/JobAccepted"
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "402": {
            "$ref": "#/components/responses/PaymentRequired"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "413": {
            "$ref": "#/components/responses/TooLarge"
          },
          "415": {
            "$ref": "#/components/responses/UnsupportedMediaType"
          },
          "422": {
            "$ref": "#/components/responses/RunFailed"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          },
          "501": {
            "$ref": "#/components/responses/NotImplemented"
          },
          "503": {
            "$ref": "#/components/responses/Unavailable"
          }
        }
      }
    },
    "/seq/{org}/{project}/{flow}/jobs/{executionId}": {
      "parameters": [
        {
          "$ref": "#/components/parameters/org"
        },
        {
          "$ref": "#/components/parameters/project"
        },
        {
          "$ref": "#/components/parameters/flow"
        },
        {
          "$ref": "#/components/parameters/executionId"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "get": {
        "operationId": "getJob",
        "tags": [
          "Jobs"
        ],
        "summary": "Ask how a job stands",
        "description": "Cheap enough to poll. The path has no version segment, whatever version the job runs.",
        "security": [
          {
            "apiKey": [
              "run"
            ]
          },
          {
            "apiKey": [
              "trace:read"
            ]
          }
        ],
        "responses": {
          "200": {
            "description": "Where the job stands.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/JobStatus"
                },
                "examples": {
                  "completed": {
                    "summary": "Done",
                    "value": {
                      "executionId": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10",
                      "status": "completed",
                      "state": "completed",
                      "result": {
                        "mistakes": [
                          "recieve",
                          "seperate"
                        ]
                      },
                      "error": null
                    }
                  },
                  "cancelled": {
                    "summary": "Cancelled",
                    "value": {
                      "executionId": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10",
                      "status": "failed",
                      "state": "cancelled",
                      "error": "cancelled"
                    }
                  }
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      }
    },
    "/seq/{org}/{project}/{flow}/jobs/{executionId}/cancel": {
      "parameters": [
        {
          "$ref": "#/components/parameters/org"
        },
        {
          "$ref": "#/components/parameters/project"
        },
        {
          "$ref": "#/components/parameters/flow"
        },
        {
          "$ref": "#/components/parameters/executionId"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "post": {
        "operationId": "cancelJob",
        "tags": [
          "Jobs"
        ],
        "summary": "Cancel a job",
        "description": "The same as `cancelRun`, at the job's address.",
        "security": [
          {
            "apiKey": [
              "run"
            ]
          }
        ],
        "responses": {
          "202": {
            "$ref": "#/components/responses/CancelAccepted"
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      }
    },
    "/seq/{org}/{project}/{flow}/runs/cancel": {
      "parameters": [
        {
          "$ref": "#/components/parameters/org"
        },
        {
          "$ref": "#/components/parameters/project"
        },
        {
          "$ref": "#/components/parameters/flow"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "post": {
        "operationId": "cancelRunByKey",
        "tags": [
          "Runs"
        ],
        "summary": "Cancel a run by its idempotency key",
        "description": "For a caller who aborted before the answer's headers named the run. 404 `RUN_NOT_FOUND` when the key has created no run within 24 hours.",
        "security": [
          {
            "apiKey": [
              "run"
            ]
          }
        ],
        "requestBody": {
          "required": true,
          "description": "The key of the call that created the run.",
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/CancelByKeyRequest"
              },
              "examples": {
                "example": {
                  "value": {
                    "idempotencyKey": "4e0f6c1a-9b7d-4f5e-8a32-6d1c0b9e7f84"
                  }
                }
              }
            }
          }
        },
        "responses": {
          "202": {
            "$ref": "#/components/responses/CancelAccepted"
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "413": {
            "$ref": "#/components/responses/TooLarge"
          },
          "415": {
            "$ref": "#/components/responses/UnsupportedMediaType"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      }
    },
    "/seq/{org}/{project}/{flow}/runs/{executionId}": {
      "parameters": [
        {
          "$ref": "#/components/parameters/org"
        },
        {
          "$ref": "#/components/parameters/project"
        },
        {
          "$ref": "#/components/parameters/flow"
        },
        {
          "$ref": "#/components/parameters/executionId"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "get": {
        "operationId": "getRun",
        "tags": [
          "Runs"
        ],
        "summary": "Read a run",
        "description": "The run's figures, and its result, error or pause.",
        "security": [
          {
            "apiKey": [
              "run"
            ]
          },
          {
            "apiKey": [
              "trace:read"
            ]
          }
        ],
        "responses": {
          "200": {
            "description": "The run, and what came of it.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/RunSummary"
                },
                "examples": {
                  "completed": {
                    "summary": "Finished",
                    "value": {
                      "id": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10",
                      "flowId": "0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31",
                      "version": 3,
                      "status": "completed",
                      "triggerType": "execute",
                      "startedAt": "2026-11-20T09:30:12.481Z",
                      "completedAt": "2026-11-20T09:30:14.960Z",
                      "durationMs": 2479,
                      "stepCount": 2,
                      "totalTokens": {
                        "prompt": 498,
                        "completion": 131,
                        "total": 629
                      },
                      "totalCostUsd": "0.000386",
                      "result": {
                        "items": [
                          {
                            "text": "i before e, except after c."
                          }
                        ]
                      },
                      "error": null,
                      "pause": null
                    }
                  },
                  "paused": {
                    "summary": "Waits for tool results",
                    "value": {
                      "id": "0199f3c4-1b60-7c55-a2f3-8d07e91b6c24",
                      "flowId": "0199e01b-60aa-7b3c-9e11-5a2f80c4d7b6",
                      "version": 3,
                      "status": "paused",
                      "triggerType": "execute",
                      "startedAt": "2026-11-20T09:30:12.481Z",
                      "completedAt": null,
                      "durationMs": null,
                      "stepCount": 1,
                      "totalTokens": {
                        "prompt": 498,
                        "completion": 131,
                        "total": 629
                      },
                      "totalCostUsd": null,
                      "result": null,
                      "error": null,
                      "pause": {
                        "status": "tool_calls_required",
                        "executionId": "0199f3c4-1b60-7c55-a2f3-8d07e91b6c24",
                        "pausedAtStep": "advise",
                        "iterationsUsed": 1,
                        "toolCallMessages": [
                          {
                            "role": "user",
                            "content": "What should I wear in Lyon today?"
                          },
                          {
                            "role": "assistant",
                            "content": null,
                            "tool_calls": [
                              {
                                "id": "call_7hQ2",
                                "type": "function",
                                "function": {
                                  "name": "get_weather",
                                  "arguments": "{\"place\":\"Lyon\"}"
                                }
                              }
                            ]
                          }
                        ],
                        "toolCalls": [
                          {
                            "id": "call_7hQ2",
                            "type": "function",
                            "function": {
                              "name": "get_weather",
                              "arguments": "{\"place\":\"Lyon\"}"
                            }
                          }
                        ],
                        "accumulatedOutputs": {},
                        "flowId": "0199e01b-60aa-7b3c-9e11-5a2f80c4d7b6",
                        "blockCount": 1
                      }
                    }
                  },
                  "failed": {
                    "summary": "Failed",
                    "value": {
                      "id": "0199f3c4-1b60-7c55-a2f3-8d07e91b6c24",
                      "flowId": "0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31",
                      "version": 0,
                      "status": "failed",
                      "triggerType": null,
                      "startedAt": "2026-11-20T09:30:12.481Z",
                      "completedAt": "2026-11-20T09:30:14.960Z",
                      "durationMs": 2479,
                      "stepCount": 2,
                      "totalTokens": null,
                      "totalCostUsd": null,
                      "result": null,
                      "error": {
                        "code": "MODEL_PROVIDER_ERROR",
                        "message": "check: openai/gpt-5-mini answered 503 on all 3 attempts.",
                        "stepId": "check"
                      },
                      "pause": null
                    }
                  }
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      }
    },
    "/seq/{org}/{project}/{flow}/runs/{executionId}/cancel": {
      "parameters": [
        {
          "$ref": "#/components/parameters/org"
        },
        {
          "$ref": "#/components/parameters/project"
        },
        {
          "$ref": "#/components/parameters/flow"
        },
        {
          "$ref": "#/components/parameters/executionId"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "post": {
        "operationId": "cancelRun",
        "tags": [
          "Runs"
        ],
        "summary": "Cancel a run",
        "description": "Reaches the model call in flight. Idempotent; a run that is already over stays as it is.",
        "security": [
          {
            "apiKey": [
              "run"
            ]
          }
        ],
        "responses": {
          "202": {
            "$ref": "#/components/responses/CancelAccepted"
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      }
    },
    "/seq/{org}/{project}/{flow}/runs/{executionId}/trace": {
      "parameters": [
        {
          "$ref": "#/components/parameters/org"
        },
        {
          "$ref": "#/components/parameters/project"
        },
        {
          "$ref": "#/components/parameters/flow"
        },
        {
          "$ref": "#/components/parameters/executionId"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "get": {
        "operationId": "getRunTrace",
        "tags": [
          "Runs"
        ],
        "summary": "Read a run's trace",
        "description": "The latest attempt of each step, in the order they began. Contexts are there as the run's capture mode allows.",
        "security": [
          {
            "apiKey": [
              "trace:read"
            ]
          }
        ],
        "responses": {
          "200": {
            "$ref": "#/components/responses/Trace"
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      }
    },
    "/seq/{org}/{project}/{flow}/runs/{executionId}/trace/stream": {
      "parameters": [
        {
          "$ref": "#/components/parameters/org"
        },
        {
          "$ref": "#/components/parameters/project"
        },
        {
          "$ref": "#/components/parameters/flow"
        },
        {
          "$ref": "#/components/parameters/executionId"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "get": {
        "operationId": "streamRunTrace",
        "tags": [
          "Runs"
        ],
        "summary": "Watch a run",
        "description": "What happened so far, from the log, and then what happens. It stays open through pauses and ends at `flow_completed` or `step_error`. Reconnecting with `Last-Event-ID` loses nothing and repeats nothing.",
        "security": [
          {
            "apiKey": [
              "run"
            ]
          },
          {
            "apiKey": [
              "trace:read"
            ]
          }
        ],
        "parameters": [
          {
            "$ref": "#/components/parameters/lastEventId"
          }
        ],
        "responses": {
          "200": {
            "$ref": "#/components/responses/LiveTraceStream"
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      }
    },
    "/seq/{org}/{project}/{flow}/runs/{executionId}/steps/{stepId}/trace": {
      "parameters": [
        {
          "$ref": "#/components/parameters/org"
        },
        {
          "$ref": "#/components/parameters/project"
        },
        {
          "$ref": "#/components/parameters/flow"
        },
        {
          "$ref": "#/components/parameters/executionId"
        },
        {
          "$ref": "#/components/parameters/stepId"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "get": {
        "operationId": "getRunStepTrace",
        "tags": [
          "Runs"
        ],
        "summary": "Read one step's trace",
        "description": "Absent `attempt` gives the latest one, `all` every one in attempt order.",
        "security": [
          {
            "apiKey": [
              "trace:read"
            ]
          }
        ],
        "parameters": [
          {
            "$ref": "#/components/parameters/attempt"
          },
          {
            "$ref": "#/components/parameters/loopIndex"
          }
        ],
        "responses": {
          "200": {
            "$ref": "#/components/responses/StepTrace"
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      }
    },
    "/seq/sessions/{sessionId}": {
      "parameters": [
        {
          "$ref": "#/components/parameters/sessionId"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "get": {
        "operationId": "getSession",
        "tags": [
          "Sessions"
        ],
        "summary": "Read a session's recording",
        "description": "What the session's runs did, in recording order. Another project's session is 404; an expired recording is 410.",
        "security": [
          {
            "apiKey": [
              "trace:read"
            ]
          }
        ],
        "responses": {
          "200": {
            "description": "The recording.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/SessionRecording"
                },
                "examples": {
                  "recording": {
                    "value": {
                      "sessionId": "5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c",
                      "executions": [
                        {
                          "executionId": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10",
                          "flowId": "0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31",
                          "slug": "grade-3",
                          "triggerType": "execute",
                          "status": "completed",
                          "startedAt": "2026-11-20T09:30:12.481Z",
                          "completedAt": "2026-11-20T09:30:14.960Z",
                          "traceCaptureMode": "full",
                          "snapshotsAvailable": true,
                          "errorAtStep": null,
                          "steps": [
                            {
                              "stepId": "check",
                              "attempt": 1,
                              "loopIndex": null,
                              "status": "completed",
                              "startedAt": "2026-11-20T09:30:12.481Z",
                              "completedAt": "2026-11-20T09:30:13.702Z",
                              "durationMs": 1221,
                              "inputSnapshot": {
                                "message": "I recieve to seperate parcels tomorow.",
                                "difficulty": "easy"
                              },
                              "outputSnapshot": {
                                "mistakes": [
                                  "recieve",
                                  "seperate"
                                ]
                              },
                              "errorSnapshot": null,
                              "truncated": false
                            },
                            {
                              "stepId": "each",
                              "attempt": 1,
                              "loopIndex": null,
                              "status": "completed",
                              "startedAt": "2026-11-20T09:30:13.705Z",
                              "completedAt": "2026-11-20T09:30:14.960Z",
                              "durationMs": 1255,
                              "inputSnapshot": {
                                "mistakes": [
                                  "recieve",
                                  "seperate"
                                ]
                              },
                              "outputSnapshot": {
                                "items": [
                                  {
                                    "text": "i before e, except after c."
                                  }
                                ]
                              },
                              "errorSnapshot": null,
                              "truncated": false
                            }
                          ]
                        },
                        {
                          "executionId": "0199f3c4-1b60-7c55-a2f3-8d07e91b6c24",
                          "flowId": null,
                          "slug": null,
                          "triggerType": "job",
                          "status": "failed",
                          "startedAt": "2026-11-20T09:30:13.702Z",
                          "completedAt": "2026-11-20T09:30:14.960Z",
                          "traceCaptureMode": "metadata_only",
                          "snapshotsAvailable": false,
                          "errorAtStep": "check",
                          "steps": [
                            {
                              "stepId": "check",
                              "attempt": 1,
                              "loopIndex": null,
                              "status": "failed",
                              "startedAt": "2026-11-20T09:30:12.481Z",
                              "completedAt": "2026-11-20T09:30:13.702Z",
                              "durationMs": 1221,
                              "inputSnapshot": null,
                              "outputSnapshot": null,
                              "errorSnapshot": {
                                "code": "STEP_TIMEOUT",
                                "message": "check took longer than 60000 ms.",
                                "stepId": "check"
                              },
                              "truncated": false
                            }
                          ]
                        }
                      ]
                    }
                  }
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "410": {
            "$ref": "#/components/responses/Gone"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      }
    },
    "/flow-runs": {
      "parameters": [
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "get": {
        "operationId": "listFlowRuns",
        "tags": [
          "Runs"
        ],
        "summary": "List runs",
        "description": "Newest first. The cursor is stable: runs that start meanwhile do not shift a page.",
        "security": [
          {
            "apiKey": [
              "trace:read"
            ]
          }
        ],
        "parameters": [
          {
            "$ref": "#/components/parameters/flowId"
          },
          {
            "$ref": "#/components/parameters/limit"
          },
          {
            "$ref": "#/components/parameters/statusFilter"
          },
          {
            "$ref": "#/components/parameters/cursor"
          }
        ],
        "responses": {
          "200": {
            "description": "A page of runs.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/FlowRunList"
                },
                "examples": {
                  "example": {
                    "value": {
                      "items": [
                        {
                          "id": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10",
                          "flowId": "0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31",
                          "version": 3,
                          "status": "completed",
                          "triggerType": "execute",
                          "startedAt": "2026-11-20T09:30:12.481Z",
                          "completedAt": "2026-11-20T09:30:14.960Z",
                          "durationMs": 2479,
                          "stepCount": 2,
                          "totalTokens": {
                            "prompt": 498,
                            "completion": 131,
                            "total": 629
                          },
                          "totalCostUsd": "0.000386"
                        },
                        {
                          "id": "0199f3c4-1b60-7c55-a2f3-8d07e91b6c24",
                          "flowId": "0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31",
                          "version": 0,
                          "status": "failed",
                          "triggerType": null,
                          "startedAt": "2026-11-20T09:30:12.481Z",
                          "completedAt": "2026-11-20T09:30:14.960Z",
                          "durationMs": 2479,
                          "stepCount": 2,
                          "totalTokens": null,
                          "totalCostUsd": null
                        }
                      ],
                      "nextCursor": "eyJpZCI6IjAxOTlmM2MyLTdhNDEifQ"
                    }
                  }
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      }
    },
    "/flow-runs/{flowRunId}": {
      "parameters": [
        {
          "$ref": "#/components/parameters/flowRunId"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "get": {
        "operationId": "getFlowRun",
        "tags": [
          "Runs"
        ],
        "summary": "Read a run by its id",
        "description": "The run's figures, and its result, error or pause.",
        "security": [
          {
            "apiKey": [
              "run"
            ]
          },
          {
            "apiKey": [
              "trace:read"
            ]
          }
        ],
        "responses": {
          "200": {
            "description": "The run, and what came of it.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/RunSummary"
                },
                "examples": {
                  "example": {
                    "value": {
                      "id": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10",
                      "flowId": "0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31",
                      "version": 3,
                      "status": "completed",
                      "triggerType": "execute",
                      "startedAt": "2026-11-20T09:30:12.481Z",
                      "completedAt": "2026-11-20T09:30:14.960Z",
                      "durationMs": 2479,
                      "stepCount": 2,
                      "totalTokens": {
                        "prompt": 498,
                        "completion": 131,
                        "total": 629
                      },
                      "totalCostUsd": "0.000386",
                      "result": {
                        "items": [
                          {
                            "text": "i before e, except after c."
                          }
                        ]
                      },
                      "error": null,
                      "pause": null
                    }
                  }
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      }
    },
    "/flow-runs/{flowRunId}/cancel": {
      "parameters": [
        {
          "$ref": "#/components/parameters/flowRunId"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "post": {
        "operationId": "cancelFlowRun",
        "tags": [
          "Runs"
        ],
        "summary": "Cancel a run by its id",
        "description": "Reaches the model call in flight. Idempotent; a run that is already over stays as it is.",
        "security": [
          {
            "apiKey": [
              "run"
            ]
          }
        ],
        "responses": {
          "202": {
            "$ref": "#/components/responses/CancelAccepted"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      }
    },
    "/flow-runs/{flowRunId}/trace": {
      "parameters": [
        {
          "$ref": "#/components/parameters/flowRunId"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "get": {
        "operationId": "getFlowRunTrace",
        "tags": [
          "Runs"
        ],
        "summary": "Read a run's trace by its id",
        "description": "The latest attempt of each step, in the order they began. Contexts are there as the run's capture mode allows.",
        "security": [
          {
            "apiKey": [
              "trace:read"
            ]
          }
        ],
        "responses": {
          "200": {
            "$ref": "#/components/responses/Trace"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      }
    },
    "/flow-runs/{flowRunId}/trace/stream": {
      "parameters": [
        {
          "$ref": "#/components/parameters/flowRunId"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "get": {
        "operationId": "streamFlowRunTrace",
        "tags": [
          "Runs"
        ],
        "summary": "Watch a run by its id",
        "description": "What happened so far, from the log, and then what happens. It stays open through pauses and ends at `flow_completed` or `step_error`. Reconnecting with `Last-Event-ID` loses nothing and repeats nothing.",
        "security": [
          {
            "apiKey": [
              "run"
            ]
          },
          {
            "apiKey": [
              "trace:read"
            ]
          }
        ],
        "parameters": [
          {
            "$ref": "#/components/parameters/lastEventId"
          }
        ],
        "responses": {
          "200": {
            "$ref": "#/components/responses/LiveTraceStream"
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      }
    },
    "/flow-runs/{flowRunId}/steps/{stepId}/trace": {
      "parameters": [
        {
          "$ref": "#/components/parameters/flowRunId"
        },
        {
          "$ref": "#/components/parameters/stepId"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "get": {
        "operationId": "getFlowRunStepTrace",
        "tags": [
          "Runs"
        ],
        "summary": "Read one step's trace by the run's id",
        "description": "Absent `attempt` gives the latest one, `all` every one in attempt order.",
        "security": [
          {
            "apiKey": [
              "trace:read"
            ]
          }
        ],
        "parameters": [
          {
            "$ref": "#/components/parameters/attempt"
          },
          {
            "$ref": "#/components/parameters/loopIndex"
          }
        ],
        "responses": {
          "200": {
            "$ref": "#/components/responses/StepTrace"
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      }
    },
    "/flow-executions": {
      "parameters": [
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "get": {
        "operationId": "listFlowExecutions",
        "tags": [
          "Executions"
        ],
        "summary": "List a flow's executions",
        "description": "Without those that were deleted. Two ways from page to page: `page` and `page_size`, or `start_from_execution_id` with the last id of the page before, which new executions do not shift.",
        "security": [
          {
            "apiKey": [
              "run"
            ]
          },
          {
            "apiKeyHeader": [
              "run"
            ]
          },
          {
            "apiKey": [
              "trace:read"
            ]
          },
          {
            "apiKeyHeader": [
              "trace:read"
            ]
          }
        ],
        "parameters": [
          {
            "$ref": "#/components/parameters/executionFlowId"
          },
          {
            "$ref": "#/components/parameters/executionStatuses"
          },
          {
            "$ref": "#/components/parameters/executionStatusesExcluded"
          },
          {
            "$ref": "#/components/parameters/executionSortField"
          },
          {
            "$ref": "#/components/parameters/executionSortDirection"
          },
          {
            "$ref": "#/components/parameters/page"
          },
          {
            "$ref": "#/components/parameters/pageSize"
          },
          {
            "$ref": "#/components/parameters/startFromExecutionId"
          },
          {
            "$ref": "#/components/parameters/createdAfter"
          },
          {
            "$ref": "#/components/parameters/createdBefore"
          },
          {
            "$ref": "#/components/parameters/updatedAfter"
          },
          {
            "$ref": "#/components/parameters/updatedBefore"
          },
          {
            "$ref": "#/components/parameters/includeRunNumber"
          }
        ],
        "responses": {
          "200": {
            "description": "A page of executions.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/FlowExecutionList"
                },
                "examples": {
                  "example": {
                    "value": [
                      {
                        "id": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10",
                        "flow_id": "0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31",
                        "flow_version": 3,
                        "input": {
                          "message": "I recieve alot of mail"
                        },
                        "organization_id": "acme",
                        "status": "completed",
                        "created_at": "2026-11-20T09:30:12.481Z",
                        "updated_at": "2026-11-20T09:30:14.902Z",
                        "modified_by": "k7Qm2xVa",
                        "run_id": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10",
                        "run_number": 1
                      },
                      {
                        "id": "0199f3c4-11aa-7b30-8a52-1d2e3f405162",
                        "flow_id": "0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31",
                        "flow_version": 3,
                        "input": {
                          "message": "I recieve alot of mail"
                        },
                        "organization_id": "acme",
                        "status": "in_progress",
                        "created_at": "2026-11-20T09:30:12.481Z",
                        "updated_at": "2026-11-20T09:30:14.902Z",
                        "modified_by": "k7Qm2xVa",
                        "run_id": "0199f3c4-11aa-7b30-8a52-1d2e3f405162",
                        "run_number": 1
                      }
                    ]
                  }
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/ExecutionBadRequest"
          },
          "401": {
            "$ref": "#/components/responses/ExecutionUnauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/ExecutionForbidden"
          },
          "404": {
            "$ref": "#/components/responses/ExecutionNotFound"
          },
          "429": {
            "$ref": "#/components/responses/ExecutionRateLimited"
          },
          "500": {
            "$ref": "#/components/responses/ExecutionInternalError"
          }
        }
      },
      "post": {
        "operationId": "createFlowExecution",
        "tags": [
          "Executions"
        ],
        "summary": "Create an execution and start it",
        "description": "Answers as soon as the execution is stored, before its first step. It runs the flow's production version, or the newest published one when none was promoted, and keeps to it whatever becomes of the flow. References to files in `input` (`file_key`, `document_url`) are passed on to the steps and never fetched.",
        "security": [
          {
            "apiKey": [
              "run"
            ]
          },
          {
            "apiKeyHeader": [
              "run"
            ]
          }
        ],
        "parameters": [
          {
            "$ref": "#/components/parameters/idempotencyKey"
          }
        ],
        "requestBody": {
          "required": true,
          "description": "The flow, and its input.",
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/FlowExecutionCreateRequest"
              },
              "examples": {
                "example": {
                  "value": {
                    "flow_id": "0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31",
                    "input": {
                      "message": "I recieve alot of mail"
                    },
                    "webhook_url": "https://app.example.com/hooks/noukai"
                  }
                },
                "references": {
                  "value": {
                    "flow_id": "0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31",
                    "input": {
                      "file_key": "uploads/2026/letter.pdf",
                      "document_url": "https://files.example.com/letter.pdf"
                    }
                  }
                }
              }
            }
          }
        },
        "responses": {
          "201": {
            "description": "The execution is stored, and will be worked off whatever happens.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/FlowExecution"
                },
                "examples": {
                  "example": {
                    "value": {
                      "id": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10",
                      "flow_id": "0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31",
                      "flow_version": 3,
                      "input": {
                        "message": "I recieve alot of mail"
                      },
                      "organization_id": "acme",
                      "status": "running",
                      "created_at": "2026-11-20T09:30:12.481Z",
                      "updated_at": "2026-11-20T09:30:12.481Z",
                      "modified_by": "k7Qm2xVa",
                      "run_id": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10"
                    }
                  }
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/ExecutionBadRequest"
          },
          "401": {
            "$ref": "#/components/responses/ExecutionUnauthenticated"
          },
          "402": {
            "$ref": "#/components/responses/ExecutionPaymentRequired"
          },
          "403": {
            "$ref": "#/components/responses/ExecutionForbidden"
          },
          "404": {
            "$ref": "#/components/responses/ExecutionNotFound"
          },
          "413": {
            "$ref": "#/components/responses/ExecutionTooLarge"
          },
          "415": {
            "$ref": "#/components/responses/ExecutionUnsupportedMediaType"
          },
          "422": {
            "$ref": "#/components/responses/ExecutionUnprocessable"
          },
          "429": {
            "$ref": "#/components/responses/ExecutionRateLimited"
          },
          "500": {
            "$ref": "#/components/responses/ExecutionInternalError"
          },
          "503": {
            "$ref": "#/components/responses/ExecutionUnavailable"
          }
        }
      }
    },
    "/flow-executions/ws": {
      "parameters": [
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "get": {
        "operationId": "watchFlowExecutions",
        "tags": [
          "Executions"
        ],
        "summary": "Watch executions over a WebSocket",
        "description": "Status changes of all executions that the key opens, as `ExecutionSocketMessage` in text frames. A client that cannot set headers (a browser) opens the socket without a key and sends `{\"type\": \"authenticate\", \"token\": \"nk_…\"}` within ten seconds. `cursor`, in the query or in that message, resumes behind the last change that was seen; without it the socket tells what changes from now on. Closed with 4401 without a valid key, 4400 for a message or cursor that is none, 4403 without the scope, 1001 when the server stops. Asked without `Upgrade: websocket`, it is refused with 400.",
        "security": [
          {
            "apiKey": [
              "run"
            ]
          },
          {
            "apiKeyHeader": [
              "run"
            ]
          },
          {
            "apiKey": [
              "trace:read"
            ]
          },
          {
            "apiKeyHeader": [
              "trace:read"
            ]
          }
        ],
        "parameters": [
          {
            "$ref": "#/components/parameters/changesCursor"
          },
          {
            "$ref": "#/components/parameters/changesFlowId"
          }
        ],
        "responses": {
          "101": {
            "description": "The protocol changes to WebSocket."
          },
          "400": {
            "$ref": "#/components/responses/ExecutionBadRequest"
          },
          "401": {
            "$ref": "#/components/responses/ExecutionUnauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/ExecutionForbidden"
          },
          "429": {
            "$ref": "#/components/responses/ExecutionRateLimited"
          },
          "500": {
            "$ref": "#/components/responses/ExecutionInternalError"
          }
        }
      }
    },
    "/flow-executions/{flowExecutionId}": {
      "parameters": [
        {
          "$ref": "#/components/parameters/flowExecutionId"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "get": {
        "operationId": "getFlowExecution",
        "tags": [
          "Executions"
        ],
        "summary": "Read an execution",
        "description": "With what came of its latest run. One that was deleted is not found.",
        "security": [
          {
            "apiKey": [
              "run"
            ]
          },
          {
            "apiKeyHeader": [
              "run"
            ]
          },
          {
            "apiKey": [
              "trace:read"
            ]
          },
          {
            "apiKeyHeader": [
              "trace:read"
            ]
          }
        ],
        "parameters": [
          {
            "$ref": "#/components/parameters/includeRunNumber"
          }
        ],
        "responses": {
          "200": {
            "description": "The execution.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/FlowExecution"
                },
                "examples": {
                  "finished": {
                    "value": {
                      "id": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10",
                      "flow_id": "0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31",
                      "flow_version": 3,
                      "input": {
                        "message": "I recieve alot of mail"
                      },
                      "organization_id": "acme",
                      "status": "completed",
                      "created_at": "2026-11-20T09:30:12.481Z",
                      "updated_at": "2026-11-20T09:30:14.902Z",
                      "modified_by": "k7Qm2xVa",
                      "run_id": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10",
                      "run_number": 1,
                      "webhook_url": "https://app.example.com/hooks/noukai",
                      "result": {
                        "mistakes": [
                          "recieve",
                          "alot"
                        ]
                      },
                      "error": null
                    }
                  },
                  "failed": {
                    "value": {
                      "id": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10",
                      "flow_id": "0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31",
                      "flow_version": 3,
                      "input": {
                        "message": "I recieve alot of mail"
                      },
                      "organization_id": "acme",
                      "status": "failed",
                      "created_at": "2026-11-20T09:30:12.481Z",
                      "updated_at": "2026-11-20T09:30:14.902Z",
                      "modified_by": "k7Qm2xVa",
                      "run_id": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10",
                      "result": null,
                      "error": {
                        "code": "MODEL_PROVIDER_ERROR",
                        "message": "The provider refused the request.",
                        "step_id": "check"
                      }
                    }
                  }
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/ExecutionBadRequest"
          },
          "401": {
            "$ref": "#/components/responses/ExecutionUnauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/ExecutionForbidden"
          },
          "404": {
            "$ref": "#/components/responses/ExecutionNotFound"
          },
          "429": {
            "$ref": "#/components/responses/ExecutionRateLimited"
          },
          "500": {
            "$ref": "#/components/responses/ExecutionInternalError"
          }
        }
      },
      "delete": {
        "operationId": "deleteFlowExecution",
        "tags": [
          "Executions"
        ],
        "summary": "Delete an execution",
        "description": "Hides it from lists and reads; its runs and their traces stay. It does not stop a run that is under way. Repeating the call answers 204 as well.",
        "security": [
          {
            "apiKey": [
              "run"
            ]
          },
          {
            "apiKeyHeader": [
              "run"
            ]
          }
        ],
        "responses": {
          "204": {
            "description": "It is hidden.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/ExecutionUnauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/ExecutionForbidden"
          },
          "404": {
            "$ref": "#/components/responses/ExecutionNotFound"
          },
          "429": {
            "$ref": "#/components/responses/ExecutionRateLimited"
          },
          "500": {
            "$ref": "#/components/responses/ExecutionInternalError"
          }
        }
      }
    },
    "/flow-executions/{flowExecutionId}/cancel": {
      "parameters": [
        {
          "$ref": "#/components/parameters/flowExecutionId"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "post": {
        "operationId": "cancelFlowExecution",
        "tags": [
          "Executions"
        ],
        "summary": "Cancel an execution",
        "description": "The wish is stored and reaches the model call in flight, in whatever process the run is. Idempotent; an execution that is over stays as it is.",
        "security": [
          {
            "apiKey": [
              "run"
            ]
          },
          {
            "apiKeyHeader": [
              "run"
            ]
          }
        ],
        "responses": {
          "204": {
            "description": "The wish is stored.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/ExecutionUnauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/ExecutionForbidden"
          },
          "404": {
            "$ref": "#/components/responses/ExecutionNotFound"
          },
          "429": {
            "$ref": "#/components/responses/ExecutionRateLimited"
          },
          "500": {
            "$ref": "#/components/responses/ExecutionInternalError"
          }
        }
      }
    },
    "/flow-executions/{flowExecutionId}/execute": {
      "parameters": [
        {
          "$ref": "#/components/parameters/flowExecutionId"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "post": {
        "operationId": "reexecuteFlowExecution",
        "tags": [
          "Executions"
        ],
        "summary": "Run an execution again",
        "description": "Makes a new run under the same execution, with a log and a trace of its own and `run_number` one higher. A run under way is cancelled first; 409 when it cannot be ended. In full, the execution moves to the newest published version of its flow. With `only_stale=true` it keeps its version, and only steps run that are out of date or have no output; the outputs of the others stand at the beginning of the new log, and their cost is not paid again.",
        "security": [
          {
            "apiKey": [
              "run"
            ]
          },
          {
            "apiKeyHeader": [
              "run"
            ]
          }
        ],
        "parameters": [
          {
            "$ref": "#/components/parameters/onlyStale"
          },
          {
            "$ref": "#/components/parameters/idempotencyKey"
          }
        ],
        "responses": {
          "204": {
            "description": "The new run is stored.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/ExecutionBadRequest"
          },
          "401": {
            "$ref": "#/components/responses/ExecutionUnauthenticated"
          },
          "402": {
            "$ref": "#/components/responses/ExecutionPaymentRequired"
          },
          "403": {
            "$ref": "#/components/responses/ExecutionForbidden"
          },
          "404": {
            "$ref": "#/components/responses/ExecutionNotFound"
          },
          "409": {
            "$ref": "#/components/responses/ExecutionConflict"
          },
          "422": {
            "$ref": "#/components/responses/ExecutionUnprocessable"
          },
          "429": {
            "$ref": "#/components/responses/ExecutionRateLimited"
          },
          "500": {
            "$ref": "#/components/responses/ExecutionInternalError"
          },
          "503": {
            "$ref": "#/components/responses/ExecutionUnavailable"
          }
        }
      }
    },
    "/flow-executions/{flowExecutionId}/events": {
      "parameters": [
        {
          "$ref": "#/components/parameters/flowExecutionId"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "get": {
        "operationId": "streamFlowExecution",
        "tags": [
          "Executions"
        ],
        "summary": "Watch an execution",
        "description": "Its status changes from the first one, or from behind `Last-Event-ID`, as server-sent events: each `event: status_changed` has an opaque `id` to resume from and an `ExecutionChange` as its data. Ends when the execution is completed, failed, cancelled or deleted, and nothing more is to be told.",
        "security": [
          {
            "apiKey": [
              "run"
            ]
          },
          {
            "apiKeyHeader": [
              "run"
            ]
          },
          {
            "apiKey": [
              "trace:read"
            ]
          },
          {
            "apiKeyHeader": [
              "trace:read"
            ]
          }
        ],
        "parameters": [
          {
            "$ref": "#/components/parameters/lastChangeId"
          }
        ],
        "responses": {
          "200": {
            "description": "The execution's status changes, then its live tail.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "text/event-stream": {
                "schema": {
                  "$ref": "#/components/schemas/ExecutionEventStream"
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/ExecutionBadRequest"
          },
          "401": {
            "$ref": "#/components/responses/ExecutionUnauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/ExecutionForbidden"
          },
          "404": {
            "$ref": "#/components/responses/ExecutionNotFound"
          },
          "429": {
            "$ref": "#/components/responses/ExecutionRateLimited"
          },
          "500": {
            "$ref": "#/components/responses/ExecutionInternalError"
          }
        }
      }
    },
    "/task-executions": {
      "parameters": [
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "get": {
        "operationId": "listTaskExecutions",
        "tags": [
          "Executions"
        ],
        "summary": "List an execution's tasks",
        "description": "One for each top-level step of the flow, in the flow's order, as the latest run left it.",
        "security": [
          {
            "apiKey": [
              "run"
            ]
          },
          {
            "apiKeyHeader": [
              "run"
            ]
          },
          {
            "apiKey": [
              "trace:read"
            ]
          },
          {
            "apiKeyHeader": [
              "trace:read"
            ]
          }
        ],
        "parameters": [
          {
            "$ref": "#/components/parameters/taskFlowExecutionId"
          }
        ],
        "responses": {
          "200": {
            "description": "The tasks.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/TaskExecutionList"
                },
                "examples": {
                  "example": {
                    "value": [
                      {
                        "id": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10:check",
                        "flow_execution_id": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10",
                        "run_id": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10",
                        "step_id": "check",
                        "name": "Check",
                        "kind": "llm",
                        "index": 0,
                        "status": "completed",
                        "input": {
                          "message": "I recieve alot of mail"
                        },
                        "output": {
                          "text": "recieve, alot"
                        },
                        "error": null,
                        "tokens": {
                          "prompt": 12,
                          "completion": 5,
                          "total": 17
                        },
                        "cost_usd": "0.000412",
                        "duration_ms": 812,
                        "started_at": "2026-11-20T09:30:12.490Z",
                        "completed_at": "2026-11-20T09:30:13.302Z",
                        "kept_from_run_id": null,
                        "edited_at": null
                      },
                      {
                        "id": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10:explain",
                        "flow_execution_id": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10",
                        "run_id": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10",
                        "step_id": "explain",
                        "name": "Explain",
                        "kind": "llm",
                        "index": 1,
                        "status": "failed",
                        "input": {
                          "message": "I recieve alot of mail"
                        },
                        "output": null,
                        "error": {
                          "code": "MODEL_PROVIDER_ERROR",
                          "message": "The provider refused the request."
                        },
                        "tokens": null,
                        "cost_usd": null,
                        "duration_ms": 812,
                        "started_at": "2026-11-20T09:30:12.490Z",
                        "completed_at": "2026-11-20T09:30:13.302Z",
                        "kept_from_run_id": null,
                        "edited_at": null
                      }
                    ]
                  }
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/ExecutionBadRequest"
          },
          "401": {
            "$ref": "#/components/responses/ExecutionUnauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/ExecutionForbidden"
          },
          "404": {
            "$ref": "#/components/responses/ExecutionNotFound"
          },
          "429": {
            "$ref": "#/components/responses/ExecutionRateLimited"
          },
          "500": {
            "$ref": "#/components/responses/ExecutionInternalError"
          }
        }
      }
    },
    "/task-executions/{taskExecutionId}": {
      "parameters": [
        {
          "$ref": "#/components/parameters/taskExecutionId"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "get": {
        "operationId": "getTaskExecution",
        "tags": [
          "Executions"
        ],
        "summary": "Read a task",
        "description": "Inputs and outputs are there as the run's capture mode allows; an output that was put here always is.",
        "security": [
          {
            "apiKey": [
              "run"
            ]
          },
          {
            "apiKeyHeader": [
              "run"
            ]
          },
          {
            "apiKey": [
              "trace:read"
            ]
          },
          {
            "apiKeyHeader": [
              "trace:read"
            ]
          }
        ],
        "responses": {
          "200": {
            "description": "The task.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/TaskExecution"
                },
                "examples": {
                  "example": {
                    "value": {
                      "id": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10:check",
                      "flow_execution_id": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10",
                      "run_id": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10",
                      "step_id": "check",
                      "name": "Check",
                      "kind": "llm",
                      "index": 0,
                      "status": "completed",
                      "input": {
                        "message": "I recieve alot of mail"
                      },
                      "output": {
                        "text": "recieve, alot"
                      },
                      "error": null,
                      "tokens": {
                        "prompt": 12,
                        "completion": 5,
                        "total": 17
                      },
                      "cost_usd": "0.000412",
                      "duration_ms": 812,
                      "started_at": "2026-11-20T09:30:12.490Z",
                      "completed_at": "2026-11-20T09:30:13.302Z",
                      "kept_from_run_id": null,
                      "edited_at": null
                    }
                  }
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/ExecutionUnauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/ExecutionForbidden"
          },
          "404": {
            "$ref": "#/components/responses/ExecutionNotFound"
          },
          "429": {
            "$ref": "#/components/responses/ExecutionRateLimited"
          },
          "500": {
            "$ref": "#/components/responses/ExecutionInternalError"
          }
        }
      },
      "put": {
        "operationId": "replaceTaskOutput",
        "tags": [
          "Executions"
        ],
        "summary": "Replace a task's output",
        "description": "Everything behind the task becomes `stale`, and with it the execution. Nothing runs until the execution is run again, unless `execute_flow=true`, which then runs just what is stale; where only that run is refused (402, 422 for its model, 429, 503) the output stands replaced, and the same call may be made again. 409 while a run is under way, for a task that has not ended, and for runs whose outputs were dropped.",
        "security": [
          {
            "apiKey": [
              "run"
            ]
          },
          {
            "apiKeyHeader": [
              "run"
            ]
          }
        ],
        "parameters": [
          {
            "$ref": "#/components/parameters/executeFlow"
          }
        ],
        "requestBody": {
          "required": true,
          "description": "What the task is to have given.",
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/TaskOutputRequest"
              },
              "examples": {
                "example": {
                  "value": {
                    "output": {
                      "text": "receive, a lot"
                    }
                  }
                }
              }
            }
          }
        },
        "responses": {
          "200": {
            "description": "The task with its new output.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/TaskExecution"
                },
                "examples": {
                  "edited": {
                    "value": {
                      "id": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10:check",
                      "flow_execution_id": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10",
                      "run_id": "0199f3c4-11aa-7b30-8a52-1d2e3f405162",
                      "step_id": "check",
                      "name": "Check",
                      "kind": "llm",
                      "index": 0,
                      "status": "completed",
                      "input": {
                        "message": "I recieve alot of mail"
                      },
                      "output": {
                        "text": "receive, a lot"
                      },
                      "error": null,
                      "tokens": null,
                      "cost_usd": null,
                      "duration_ms": 0,
                      "started_at": "2026-11-20T09:30:12.490Z",
                      "completed_at": "2026-11-20T09:30:13.302Z",
                      "kept_from_run_id": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10",
                      "edited_at": "2026-11-20T09:41:02.007Z"
                    }
                  }
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/ExecutionBadRequest"
          },
          "401": {
            "$ref": "#/components/responses/ExecutionUnauthenticated"
          },
          "402": {
            "$ref": "#/components/responses/ExecutionPaymentRequired"
          },
          "403": {
            "$ref": "#/components/responses/ExecutionForbidden"
          },
          "404": {
            "$ref": "#/components/responses/ExecutionNotFound"
          },
          "409": {
            "$ref": "#/components/responses/ExecutionConflict"
          },
          "413": {
            "$ref": "#/components/responses/ExecutionTooLarge"
          },
          "415": {
            "$ref": "#/components/responses/ExecutionUnsupportedMediaType"
          },
          "422": {
            "$ref": "#/components/responses/ExecutionUnprocessable"
          },
          "429": {
            "$ref": "#/components/responses/ExecutionRateLimited"
          },
          "500": {
            "$ref": "#/components/responses/ExecutionInternalError"
          },
          "503": {
            "$ref": "#/components/responses/ExecutionUnavailable"
          }
        }
      }
    },
    "/keys": {
      "parameters": [
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "get": {
        "operationId": "listKeys",
        "tags": [
          "Keys"
        ],
        "summary": "List keys",
        "description": "Never with their secrets.",
        "security": [
          {
            "apiKey": [
              "key:write"
            ]
          }
        ],
        "responses": {
          "200": {
            "description": "The keys.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/KeyList"
                },
                "examples": {
                  "example": {
                    "value": {
                      "items": [
                        {
                          "id": "k7Qm2xVa",
                          "name": "grading worker",
                          "mode": "live",
                          "org": "acme",
                          "project": "spelling",
                          "scopes": [
                            "run",
                            "trace:read"
                          ],
                          "createdAt": "2026-11-20T09:30:12.481Z",
                          "expiresAt": "2027-11-20T00:00:00.000Z",
                          "lastUsedAt": null
                        }
                      ]
                    }
                  }
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      },
      "post": {
        "operationId": "createKey",
        "tags": [
          "Keys"
        ],
        "summary": "Make a key",
        "description": "The answer shows the secret this once. A project holds ten keys at most (429 `TOO_MANY_KEYS`).",
        "security": [
          {
            "apiKey": [
              "key:write"
            ]
          }
        ],
        "requestBody": {
          "required": true,
          "description": "What the key is for.",
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/KeyCreateRequest"
              },
              "examples": {
                "example": {
                  "value": {
                    "name": "grading worker",
                    "mode": "live",
                    "scopes": [
                      "run",
                      "trace:read"
                    ],
                    "expiresAt": "2027-11-20T00:00:00.000Z"
                  }
                }
              }
            }
          }
        },
        "responses": {
          "201": {
            "description": "The new key.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/CreatedKey"
                },
                "examples": {
                  "example": {
                    "value": {
                      "key": {
                        "id": "k7Qm2xVa",
                        "name": "grading worker",
                        "mode": "live",
                        "org": "acme",
                        "project": "spelling",
                        "scopes": [
                          "run",
                          "trace:read"
                        ],
                        "createdAt": "2026-11-20T09:30:12.481Z",
                        "expiresAt": "2027-11-20T00:00:00.000Z",
                        "lastUsedAt": null
                      },
                      "secret": "nk_live_k7Qm2xVa_EXAMPLEexampleEXAMPLEexample0000"
                    }
                  }
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "413": {
            "$ref": "#/components/responses/TooLarge"
          },
          "415": {
            "$ref": "#/components/responses/UnsupportedMediaType"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      }
    },
    "/keys/verify": {
      "parameters": [
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "get": {
        "operationId": "verifyKey",
        "tags": [
          "Keys"
        ],
        "summary": "Look at the key in use",
        "description": "Whose it is and what it may do. Any valid key may ask.",
        "security": [
          {
            "apiKey": []
          }
        ],
        "responses": {
          "200": {
            "description": "The key that made this call.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/ApiKey"
                },
                "examples": {
                  "example": {
                    "value": {
                      "id": "k7Qm2xVa",
                      "name": "grading worker",
                      "mode": "live",
                      "org": "acme",
                      "project": "spelling",
                      "scopes": [
                        "run",
                        "trace:read"
                      ],
                      "createdAt": "2026-11-20T09:30:12.481Z",
                      "expiresAt": "2027-11-20T00:00:00.000Z",
                      "lastUsedAt": null
                    }
                  }
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      }
    },
    "/keys/{keyId}": {
      "parameters": [
        {
          "$ref": "#/components/parameters/keyId"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "delete": {
        "operationId": "revokeKey",
        "tags": [
          "Keys"
        ],
        "summary": "Revoke a key",
        "description": "It ceases to work within 30 seconds, on every process. Repeating the call answers 204 as well.",
        "security": [
          {
            "apiKey": [
              "key:write"
            ]
          }
        ],
        "responses": {
          "204": {
            "description": "It is revoked.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      }
    },
    "/projects/{org}/{project}/flows": {
      "parameters": [
        {
          "$ref": "#/components/parameters/org"
        },
        {
          "$ref": "#/components/parameters/project"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "get": {
        "operationId": "listFlows",
        "tags": [
          "Flows"
        ],
        "summary": "List flows",
        "description": "Active ones, by slug.",
        "security": [
          {
            "apiKey": [
              "flow:write"
            ]
          },
          {
            "apiKey": [
              "flow:promote"
            ]
          }
        ],
        "parameters": [
          {
            "$ref": "#/components/parameters/limit"
          },
          {
            "$ref": "#/components/parameters/cursor"
          }
        ],
        "responses": {
          "200": {
            "description": "A page of flows.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/FlowList"
                },
                "examples": {
                  "example": {
                    "value": {
                      "items": [
                        {
                          "id": "0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31",
                          "org": "acme",
                          "project": "spelling",
                          "slug": "grade-3",
                          "name": "Grade 3 spelling",
                          "description": "Finds and explains spelling mistakes.",
                          "kind": "seq",
                          "latestVersion": 3,
                          "productionVersion": 2,
                          "draftUpdatedAt": "2026-11-20T09:30:12.481Z",
                          "createdAt": "2026-10-02T07:15:00.000Z",
                          "archivedAt": null
                        }
                      ],
                      "nextCursor": null
                    }
                  }
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      },
      "post": {
        "operationId": "createFlow",
        "tags": [
          "Flows"
        ],
        "summary": "Create a flow",
        "description": "With its first draft. A slug that is taken is 409 `FLOW_EXISTS`; that of an archived flow brings the flow back, with its versions.",
        "security": [
          {
            "apiKey": [
              "flow:write"
            ]
          }
        ],
        "requestBody": {
          "required": true,
          "description": "The flow.",
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/FlowCreateRequest"
              },
              "examples": {
                "example": {
                  "value": {
                    "slug": "grade-3",
                    "name": "Grade 3 spelling",
                    "description": "Finds and explains spelling mistakes.",
                    "definition": {
                      "name": "Grade 3 spelling",
                      "input": {
                        "type": "object",
                        "properties": {
                          "message": {
                            "type": "string"
                          },
                          "difficulty": {
                            "type": "string",
                            "default": "easy"
                          }
                        },
                        "required": [
                          "message"
                        ]
                      },
                      "steps": [
                        {
                          "id": "check",
                          "name": "Check the spelling",
                          "description": "Lists the misspelt words.",
                          "type": "llm",
                          "model": "openai/gpt-5-mini",
                          "system": "You are a spelling teacher.",
                          "prompt": "Check ({{difficulty}}): {{message}}",
                          "temperature": 0.2,
                          "maxOutputTokens": 800,
                          "tools": false,
                          "output": {
                            "type": "object",
                            "properties": {
                              "mistakes": {
                                "type": "array",
                                "items": {
                                  "type": "string"
                                }
                              }
                            },
                            "required": [
                              "mistakes"
                            ]
                          },
                          "timeoutMs": 60000,
                          "retry": {
                            "maxAttempts": 3,
                            "initialMs": 500,
                            "factor": 2
                          },
                          "fallback": [
                            "anthropic/claude-sonnet-4-6"
                          ]
                        },
                        {
                          "id": "each",
                          "name": "Each mistake",
                          "description": "One explanation per word.",
                          "type": "loop",
                          "over": "mistakes",
                          "concurrency": 4,
                          "onError": "fail",
                          "steps": [
                            {
                              "id": "explain",
                              "type": "llm",
                              "model": "noukai/echo",
                              "prompt": "Explain {{item}} ({{initial.message}})"
                            }
                          ]
                        }
                      ]
                    }
                  }
                }
              }
            }
          }
        },
        "responses": {
          "201": {
            "description": "The new flow.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Flow"
                },
                "examples": {
                  "example": {
                    "value": {
                      "id": "0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31",
                      "org": "acme",
                      "project": "spelling",
                      "slug": "grade-3",
                      "name": "Grade 3 spelling",
                      "description": "Finds and explains spelling mistakes.",
                      "kind": "seq",
                      "latestVersion": 3,
                      "productionVersion": 2,
                      "draftUpdatedAt": "2026-11-20T09:30:12.481Z",
                      "createdAt": "2026-10-02T07:15:00.000Z",
                      "archivedAt": null
                    }
                  }
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "409": {
            "$ref": "#/components/responses/Conflict"
          },
          "413": {
            "$ref": "#/components/responses/TooLarge"
          },
          "415": {
            "$ref": "#/components/responses/UnsupportedMediaType"
          },
          "422": {
            "$ref": "#/components/responses/RunFailed"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      }
    },
    "/projects/{org}/{project}/flows/{flow}": {
      "parameters": [
        {
          "$ref": "#/components/parameters/org"
        },
        {
          "$ref": "#/components/parameters/project"
        },
        {
          "$ref": "#/components/parameters/flow"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "get": {
        "operationId": "getFlow",
        "tags": [
          "Flows"
        ],
        "summary": "Read a flow and its draft",
        "description": "The definition's members come in the order in which they were written.",
        "security": [
          {
            "apiKey": [
              "flow:write"
            ]
          },
          {
            "apiKey": [
              "flow:promote"
            ]
          }
        ],
        "responses": {
          "200": {
            "description": "The flow.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/FlowDetail"
                },
                "examples": {
                  "example": {
                    "value": {
                      "id": "0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31",
                      "org": "acme",
                      "project": "spelling",
                      "slug": "grade-3",
                      "name": "Grade 3 spelling",
                      "description": "Finds and explains spelling mistakes.",
                      "kind": "seq",
                      "latestVersion": 3,
                      "productionVersion": 2,
                      "draftUpdatedAt": "2026-11-20T09:30:12.481Z",
                      "createdAt": "2026-10-02T07:15:00.000Z",
                      "archivedAt": null,
                      "draft": {
                        "name": "Grade 3 spelling",
                        "input": {
                          "type": "object",
                          "properties": {
                            "message": {
                              "type": "string"
                            },
                            "difficulty": {
                              "type": "string",
                              "default": "easy"
                            }
                          },
                          "required": [
                            "message"
                          ]
                        },
                        "steps": [
                          {
                            "id": "check",
                            "name": "Check the spelling",
                            "description": "Lists the misspelt words.",
                            "type": "llm",
                            "model": "openai/gpt-5-mini",
                            "system": "You are a spelling teacher.",
                            "prompt": "Check ({{difficulty}}): {{message}}",
                            "temperature": 0.2,
                            "maxOutputTokens": 800,
                            "tools": false,
                            "output": {
                              "type": "object",
                              "properties": {
                                "mistakes": {
                                  "type": "array",
                                  "items": {
                                    "type": "string"
                                  }
                                }
                              },
                              "required": [
                                "mistakes"
                              ]
                            },
                            "timeoutMs": 60000,
                            "retry": {
                              "maxAttempts": 3,
                              "initialMs": 500,
                              "factor": 2
                            },
                            "fallback": [
                              "anthropic/claude-sonnet-4-6"
                            ]
                          },
                          {
                            "id": "each",
                            "name": "Each mistake",
                            "description": "One explanation per word.",
                            "type": "loop",
                            "over": "mistakes",
                            "concurrency": 4,
                            "onError": "fail",
                            "steps": [
                              {
                                "id": "explain",
                                "type": "llm",
                                "model": "noukai/echo",
                                "prompt": "Explain {{item}} ({{initial.message}})"
                              }
                            ]
                          }
                        ]
                      }
                    }
                  }
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      },
      "put": {
        "operationId": "replaceDraft",
        "tags": [
          "Flows"
        ],
        "summary": "Replace the draft",
        "description": "Runs that are under way keep the tree they started with. A definition that could not run is refused with 422 `INVALID_TREE` and every fault in `issues`.",
        "security": [
          {
            "apiKey": [
              "flow:write"
            ]
          }
        ],
        "requestBody": {
          "required": true,
          "description": "The whole new draft.",
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/DraftUpdateRequest"
              },
              "examples": {
                "example": {
                  "value": {
                    "definition": {
                      "name": "Grade 3 spelling",
                      "input": {
                        "type": "object",
                        "properties": {
                          "message": {
                            "type": "string"
                          },
                          "difficulty": {
                            "type": "string",
                            "default": "easy"
                          }
                        },
                        "required": [
                          "message"
                        ]
                      },
                      "steps": [
                        {
                          "id": "check",
                          "name": "Check the spelling",
                          "description": "Lists the misspelt words.",
                          "type": "llm",
                          "model": "openai/gpt-5-mini",
                          "system": "You are a spelling teacher.",
                          "prompt": "Check ({{difficulty}}): {{message}}",
                          "temperature": 0.2,
                          "maxOutputTokens": 800,
                          "tools": false,
                          "output": {
                            "type": "object",
                            "properties": {
                              "mistakes": {
                                "type": "array",
                                "items": {
                                  "type": "string"
                                }
                              }
                            },
                            "required": [
                              "mistakes"
                            ]
                          },
                          "timeoutMs": 60000,
                          "retry": {
                            "maxAttempts": 3,
                            "initialMs": 500,
                            "factor": 2
                          },
                          "fallback": [
                            "anthropic/claude-sonnet-4-6"
                          ]
                        },
                        {
                          "id": "each",
                          "name": "Each mistake",
                          "description": "One explanation per word.",
                          "type": "loop",
                          "over": "mistakes",
                          "concurrency": 4,
                          "onError": "fail",
                          "steps": [
                            {
                              "id": "explain",
                              "type": "llm",
                              "model": "noukai/echo",
                              "prompt": "Explain {{item}} ({{initial.message}})"
                            }
                          ]
                        }
                      ]
                    }
                  }
                }
              }
            }
          }
        },
        "responses": {
          "200": {
            "description": "The flow with its new draft.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/FlowDetail"
                },
                "examples": {
                  "example": {
                    "value": {
                      "id": "0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31",
                      "org": "acme",
                      "project": "spelling",
                      "slug": "grade-3",
                      "name": "Grade 3 spelling",
                      "description": "Finds and explains spelling mistakes.",
                      "kind": "seq",
                      "latestVersion": 3,
                      "productionVersion": 2,
                      "draftUpdatedAt": "2026-11-20T09:30:12.481Z",
                      "createdAt": "2026-10-02T07:15:00.000Z",
                      "archivedAt": null,
                      "draft": {
                        "name": "Grade 3 spelling",
                        "input": {
                          "type": "object",
                          "properties": {
                            "message": {
                              "type": "string"
                            },
                            "difficulty": {
                              "type": "string",
                              "default": "easy"
                            }
                          },
                          "required": [
                            "message"
                          ]
                        },
                        "steps": [
                          {
                            "id": "check",
                            "name": "Check the spelling",
                            "description": "Lists the misspelt words.",
                            "type": "llm",
                            "model": "openai/gpt-5-mini",
                            "system": "You are a spelling teacher.",
                            "prompt": "Check ({{difficulty}}): {{message}}",
                            "temperature": 0.2,
                            "maxOutputTokens": 800,
                            "tools": false,
                            "output": {
                              "type": "object",
                              "properties": {
                                "mistakes": {
                                  "type": "array",
                                  "items": {
                                    "type": "string"
                                  }
                                }
                              },
                              "required": [
                                "mistakes"
                              ]
                            },
                            "timeoutMs": 60000,
                            "retry": {
                              "maxAttempts": 3,
                              "initialMs": 500,
                              "factor": 2
                            },
                            "fallback": [
                              "anthropic/claude-sonnet-4-6"
                            ]
                          },
                          {
                            "id": "each",
                            "name": "Each mistake",
                            "description": "One explanation per word.",
                            "type": "loop",
                            "over": "mistakes",
                            "concurrency": 4,
                            "onError": "fail",
                            "steps": [
                              {
                                "id": "explain",
                                "type": "llm",
                                "model": "noukai/echo",
                                "prompt": "Explain {{item}} ({{initial.message}})"
                              }
                            ]
                          }
                        ]
                      }
                    }
                  }
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "413": {
            "$ref": "#/components/responses/TooLarge"
          },
          "415": {
            "$ref": "#/components/responses/UnsupportedMediaType"
          },
          "422": {
            "$ref": "#/components/responses/RunFailed"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      },
      "delete": {
        "operationId": "archiveFlow",
        "tags": [
          "Flows"
        ],
        "summary": "Archive a flow",
        "description": "It can no longer be run; its runs, traces and versions stay. Archived already, it is 404 `FLOW_NOT_FOUND`.",
        "security": [
          {
            "apiKey": [
              "flow:write"
            ]
          }
        ],
        "responses": {
          "200": {
            "description": "The archived flow.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Flow"
                },
                "examples": {
                  "example": {
                    "value": {
                      "id": "0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31",
                      "org": "acme",
                      "project": "spelling",
                      "slug": "grade-3",
                      "name": "Grade 3 spelling",
                      "description": "Finds and explains spelling mistakes.",
                      "kind": "seq",
                      "latestVersion": 3,
                      "productionVersion": 2,
                      "draftUpdatedAt": "2026-11-20T09:30:12.481Z",
                      "createdAt": "2026-10-02T07:15:00.000Z",
                      "archivedAt": null
                    }
                  }
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      }
    },
    "/projects/{org}/{project}/flows/{flow}/validate": {
      "parameters": [
        {
          "$ref": "#/components/parameters/org"
        },
        {
          "$ref": "#/components/parameters/project"
        },
        {
          "$ref": "#/components/parameters/flow"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "post": {
        "operationId": "validateFlow",
        "tags": [
          "Flows"
        ],
        "summary": "Check a definition",
        "description": "Reports every fault at once, each with its path and a fix. Stores nothing. A definition with faults is a successful answer with `valid: false`.",
        "security": [
          {
            "apiKey": [
              "flow:write"
            ]
          }
        ],
        "requestBody": {
          "required": false,
          "description": "The definition; absent = the stored draft.",
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/FlowValidateRequest"
              },
              "examples": {
                "example": {
                  "value": {
                    "definition": {
                      "name": "Grade 3 spelling",
                      "input": {
                        "type": "object",
                        "properties": {
                          "message": {
                            "type": "string"
                          },
                          "difficulty": {
                            "type": "string",
                            "default": "easy"
                          }
                        },
                        "required": [
                          "message"
                        ]
                      },
                      "steps": [
                        {
                          "id": "check",
                          "name": "Check the spelling",
                          "description": "Lists the misspelt words.",
                          "type": "llm",
                          "model": "openai/gpt-5-mini",
                          "system": "You are a spelling teacher.",
                          "prompt": "Check ({{difficulty}}): {{message}}",
                          "temperature": 0.2,
                          "maxOutputTokens": 800,
                          "tools": false,
                          "output": {
                            "type": "object",
                            "properties": {
                              "mistakes": {
                                "type": "array",
                                "items": {
                                  "type": "string"
                                }
                              }
                            },
                            "required": [
                              "mistakes"
                            ]
                          },
                          "timeoutMs": 60000,
                          "retry": {
                            "maxAttempts": 3,
                            "initialMs": 500,
                            "factor": 2
                          },
                          "fallback": [
                            "anthropic/claude-sonnet-4-6"
                          ]
                        },
                        {
                          "id": "each",
                          "name": "Each mistake",
                          "description": "One explanation per word.",
                          "type": "loop",
                          "over": "mistakes",
                          "concurrency": 4,
                          "onError": "fail",
                          "steps": [
                            {
                              "id": "explain",
                              "type": "llm",
                              "model": "noukai/echo",
                              "prompt": "Explain {{item}} ({{initial.message}})"
                            }
                          ]
                        }
                      ]
                    }
                  }
                }
              }
            }
          }
        },
        "responses": {
          "200": {
            "description": "What is wrong with it.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/ValidationReport"
                },
                "examples": {
                  "valid": {
                    "summary": "Nothing",
                    "value": {
                      "valid": true,
                      "issues": []
                    }
                  },
                  "faults": {
                    "summary": "Three faults",
                    "value": {
                      "valid": false,
                      "issues": [
                        {
                          "path": "steps[0].model",
                          "message": "\"gpt-5-mini\" names no provider",
                          "fix": "openai/gpt-5-mini"
                        },
                        {
                          "path": "steps[1].over",
                          "message": "\"mistake\" is not a member of the step's input",
                          "fix": "mistakes"
                        },
                        {
                          "path": "steps[1].steps[0].prompt",
                          "message": "{{initial.mesage}} names no input of the flow",
                          "fix": "{{initial.message}}"
                        }
                      ]
                    }
                  }
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "413": {
            "$ref": "#/components/responses/TooLarge"
          },
          "415": {
            "$ref": "#/components/responses/UnsupportedMediaType"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      }
    },
    "/projects/{org}/{project}/flows/{flow}/versions": {
      "parameters": [
        {
          "$ref": "#/components/parameters/org"
        },
        {
          "$ref": "#/components/parameters/project"
        },
        {
          "$ref": "#/components/parameters/flow"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "get": {
        "operationId": "listFlowVersions",
        "tags": [
          "Flows"
        ],
        "summary": "List versions",
        "description": "Newest first.",
        "security": [
          {
            "apiKey": [
              "flow:write"
            ]
          },
          {
            "apiKey": [
              "flow:promote"
            ]
          }
        ],
        "parameters": [
          {
            "$ref": "#/components/parameters/limit"
          },
          {
            "$ref": "#/components/parameters/cursor"
          }
        ],
        "responses": {
          "200": {
            "description": "A page of versions.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/FlowVersionList"
                },
                "examples": {
                  "example": {
                    "value": {
                      "items": [
                        {
                          "version": 3,
                          "note": "Explains each mistake.",
                          "hash": "9f2c1b7a4e6d8f0352c4a1e7b9d6f8031a2b3c4d5e6f708192a3b4c5d6e7f801",
                          "publishedAt": "2026-11-20T09:30:12.481Z"
                        },
                        {
                          "version": 2,
                          "note": null,
                          "hash": "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
                          "publishedAt": "2026-11-02T11:40:05.120Z"
                        }
                      ],
                      "nextCursor": null
                    }
                  }
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      },
      "post": {
        "operationId": "publishFlow",
        "tags": [
          "Flows"
        ],
        "summary": "Publish the draft",
        "description": "Snapshots the draft as the next version. It does not move the production pointer. An unchanged draft answers with the version it already is.",
        "security": [
          {
            "apiKey": [
              "flow:write"
            ]
          }
        ],
        "requestBody": {
          "required": false,
          "description": "A note for people.",
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/PublishRequest"
              },
              "examples": {
                "example": {
                  "value": {
                    "note": "Explains each mistake."
                  }
                }
              }
            }
          }
        },
        "responses": {
          "201": {
            "description": "The new version.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/FlowVersion"
                },
                "examples": {
                  "example": {
                    "value": {
                      "version": 3,
                      "note": "Explains each mistake.",
                      "hash": "9f2c1b7a4e6d8f0352c4a1e7b9d6f8031a2b3c4d5e6f708192a3b4c5d6e7f801",
                      "publishedAt": "2026-11-20T09:30:12.481Z"
                    }
                  }
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "413": {
            "$ref": "#/components/responses/TooLarge"
          },
          "415": {
            "$ref": "#/components/responses/UnsupportedMediaType"
          },
          "422": {
            "$ref": "#/components/responses/RunFailed"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      }
    },
    "/projects/{org}/{project}/flows/{flow}/production": {
      "parameters": [
        {
          "$ref": "#/components/parameters/org"
        },
        {
          "$ref": "#/components/parameters/project"
        },
        {
          "$ref": "#/components/parameters/flow"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "put": {
        "operationId": "promoteFlow",
        "tags": [
          "Flows"
        ],
        "summary": "Promote a version",
        "description": "Moves the production pointer to any published version, back too. Runs that are under way keep theirs.",
        "security": [
          {
            "apiKey": [
              "flow:promote"
            ]
          }
        ],
        "requestBody": {
          "required": true,
          "description": "The version.",
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/PromoteRequest"
              },
              "examples": {
                "example": {
                  "value": {
                    "version": 2
                  }
                }
              }
            }
          }
        },
        "responses": {
          "200": {
            "description": "The flow with its new pointer.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Flow"
                },
                "examples": {
                  "example": {
                    "value": {
                      "id": "0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31",
                      "org": "acme",
                      "project": "spelling",
                      "slug": "grade-3",
                      "name": "Grade 3 spelling",
                      "description": "Finds and explains spelling mistakes.",
                      "kind": "seq",
                      "latestVersion": 3,
                      "productionVersion": 2,
                      "draftUpdatedAt": "2026-11-20T09:30:12.481Z",
                      "createdAt": "2026-10-02T07:15:00.000Z",
                      "archivedAt": null
                    }
                  }
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "413": {
            "$ref": "#/components/responses/TooLarge"
          },
          "415": {
            "$ref": "#/components/responses/UnsupportedMediaType"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      }
    },
    "/projects/{org}/{project}/credits": {
      "parameters": [
        {
          "$ref": "#/components/parameters/org"
        },
        {
          "$ref": "#/components/parameters/project"
        },
        {
          "$ref": "#/components/parameters/apiVersion"
        }
      ],
      "get": {
        "operationId": "getCredits",
        "tags": [
          "Credits"
        ],
        "summary": "Read the balance",
        "description": "What is left, and what all runs have cost so far.",
        "security": [
          {
            "apiKey": [
              "admin"
            ]
          }
        ],
        "responses": {
          "200": {
            "description": "The account.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Credits"
                },
                "examples": {
                  "bound": {
                    "summary": "With a balance",
                    "value": {
                      "balanceUsd": "24.999588",
                      "spentUsd": "0.500412"
                    }
                  },
                  "unlimited": {
                    "summary": "Without one",
                    "value": {
                      "balanceUsd": null,
                      "spentUsd": "3.2"
                    }
                  }
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      },
      "put": {
        "operationId": "setCredits",
        "tags": [
          "Credits"
        ],
        "summary": "Set the balance",
        "description": "Puts an amount in place of what is left. From then on the project's runs are charged against it.",
        "security": [
          {
            "apiKey": [
              "admin"
            ]
          }
        ],
        "requestBody": {
          "required": true,
          "description": "The new balance.",
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/CreditsSetRequest"
              },
              "examples": {
                "example": {
                  "value": {
                    "balanceUsd": "25.50"
                  }
                }
              }
            }
          }
        },
        "responses": {
          "200": {
            "description": "The account.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Credits"
                },
                "examples": {
                  "bound": {
                    "summary": "With a balance",
                    "value": {
                      "balanceUsd": "24.999588",
                      "spentUsd": "0.500412"
                    }
                  },
                  "unlimited": {
                    "summary": "Without one",
                    "value": {
                      "balanceUsd": null,
                      "spentUsd": "3.2"
                    }
                  }
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "413": {
            "$ref": "#/components/responses/TooLarge"
          },
          "415": {
            "$ref": "#/components/responses/UnsupportedMediaType"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      },
      "post": {
        "operationId": "addCredits",
        "tags": [
          "Credits"
        ],
        "summary": "Add credits",
        "description": "Adds to what is left. With an `Idempotency-Key` the call is safe to repeat, for ever: the same key adds once. A project without a balance has nothing to add to (409 `CREDITS_UNLIMITED`); set one first.",
        "parameters": [
          {
            "$ref": "#/components/parameters/idempotencyKey"
          }
        ],
        "security": [
          {
            "apiKey": [
              "admin"
            ]
          }
        ],
        "requestBody": {
          "required": true,
          "description": "How much.",
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/CreditsAddRequest"
              },
              "examples": {
                "example": {
                  "value": {
                    "amountUsd": "10"
                  }
                }
              }
            }
          }
        },
        "responses": {
          "200": {
            "description": "The account.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Credits"
                },
                "examples": {
                  "bound": {
                    "summary": "With a balance",
                    "value": {
                      "balanceUsd": "24.999588",
                      "spentUsd": "0.500412"
                    }
                  },
                  "unlimited": {
                    "summary": "Without one",
                    "value": {
                      "balanceUsd": null,
                      "spentUsd": "3.2"
                    }
                  }
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "409": {
            "$ref": "#/components/responses/Conflict"
          },
          "413": {
            "$ref": "#/components/responses/TooLarge"
          },
          "415": {
            "$ref": "#/components/responses/UnsupportedMediaType"
          },
          "422": {
            "$ref": "#/components/responses/RunFailed"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      },
      "delete": {
        "operationId": "removeCreditBound",
        "tags": [
          "Credits"
        ],
        "summary": "Take the bound away",
        "description": "The project has no balance any more and may spend what it likes; what it spends is still counted. Repeating the call changes nothing.",
        "security": [
          {
            "apiKey": [
              "admin"
            ]
          }
        ],
        "responses": {
          "200": {
            "description": "The account.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Credits"
                },
                "examples": {
                  "bound": {
                    "summary": "With a balance",
                    "value": {
                      "balanceUsd": "24.999588",
                      "spentUsd": "0.500412"
                    }
                  },
                  "unlimited": {
                    "summary": "Without one",
                    "value": {
                      "balanceUsd": null,
                      "spentUsd": "3.2"
                    }
                  }
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Forbidden"
          },
          "429": {
            "$ref": "#/components/responses/RateLimited"
          },
          "500": {
            "$ref": "#/components/responses/InternalError"
          }
        }
      }
    },
    "/healthz": {
      "servers": [
        {
          "url": "/",
          "description": "The origin's root, outside the API."
        }
      ],
      "get": {
        "operationId": "getHealth",
        "tags": [
          "Operations"
        ],
        "summary": "Is the process up?",
        "description": "Answers as long as the process can answer at all; asks nothing of the store.",
        "security": [],
        "responses": {
          "200": {
            "description": "It is.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Health"
                },
                "examples": {
                  "example": {
                    "value": {
                      "status": "ok"
                    }
                  }
                }
              }
            }
          }
        }
      }
    },
    "/readyz": {
      "servers": [
        {
          "url": "/",
          "description": "The origin's root, outside the API."
        }
      ],
      "get": {
        "operationId": "getReadiness",
        "tags": [
          "Operations"
        ],
        "summary": "Should this process be given work?",
        "description": "Not while it starts, drains, or cannot reach its store.",
        "security": [],
        "responses": {
          "200": {
            "description": "Yes.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Readiness"
                },
                "examples": {
                  "example": {
                    "value": {
                      "status": "ready",
                      "checks": {
                        "store": "ok",
                        "flows": "ok"
                      }
                    }
                  }
                }
              }
            }
          },
          "503": {
            "description": "No; `checks` says why.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              },
              "Retry-After": {
                "$ref": "#/components/headers/RetryAfter"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Readiness"
                },
                "examples": {
                  "draining": {
                    "value": {
                      "status": "draining",
                      "checks": {
                        "store": "ok",
                        "flows": "ok"
                      }
                    }
                  }
                }
              }
            }
          }
        }
      }
    },
    "/openapi.json": {
      "servers": [
        {
          "url": "/",
          "description": "The origin's root, outside the API."
        }
      ],
      "get": {
        "operationId": "getOpenApiDocument",
        "tags": [
          "Operations"
        ],
        "summary": "Read this document",
        "description": "This document in one file, as OpenAPI 3.1.",
        "security": [],
        "responses": {
          "200": {
            "description": "The document.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/JsonObject"
                }
              }
            }
          }
        }
      }
    },
    "/schemas/flow.schema.json": {
      "servers": [
        {
          "url": "/",
          "description": "The origin's root, outside the API."
        }
      ],
      "get": {
        "operationId": "getFlowSchema",
        "tags": [
          "Operations"
        ],
        "summary": "Read the schema of flow definitions",
        "description": "The JSON Schema (draft 2020-12) of a flow's file, for editors. It stays at this address.",
        "security": [],
        "responses": {
          "200": {
            "description": "The schema.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/schema+json": {
                "schema": {
                  "$ref": "#/components/schemas/JsonSchema"
                }
              }
            }
          }
        }
      }
    },
    "/schemas/project.schema.json": {
      "servers": [
        {
          "url": "/",
          "description": "The origin's root, outside the API."
        }
      ],
      "get": {
        "operationId": "getProjectSchema",
        "tags": [
          "Operations"
        ],
        "summary": "Read the schema of a project's settings",
        "description": "The JSON Schema (draft 2020-12) of `project.yaml`, for editors. It stays at this address.",
        "security": [],
        "responses": {
          "200": {
            "description": "The schema.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "application/schema+json": {
                "schema": {
                  "$ref": "#/components/schemas/JsonSchema"
                }
              }
            }
          }
        }
      }
    },
    "/metrics": {
      "servers": [
        {
          "url": "/",
          "description": "The origin's root, outside the API."
        }
      ],
      "get": {
        "operationId": "getMetrics",
        "tags": [
          "Operations"
        ],
        "summary": "Read the process's figures",
        "description": "In Prometheus's text format. No label carries a key, an input or an output.",
        "security": [],
        "responses": {
          "200": {
            "description": "The figures.",
            "headers": {
              "X-Request-ID": {
                "$ref": "#/components/headers/RequestId"
              }
            },
            "content": {
              "text/plain": {
                "schema": {
                  "type": "string",
                  "description": "Prometheus text exposition format 0.0.4."
                }
              }
            }
          }
        }
      }
    }
  },
  "components": {
    "securitySchemes": {
      "apiKey": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "nk_{live|test}_{8 characters}_{32 characters}",
        "description": "An API key. Each requirement of an operation names a scope that opens it, one of which suffices; `admin` opens every one, and an empty list means that any valid key will do."
      },
      "apiKeyHeader": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "The same key in a header of its own, below `/flow-executions` and `/task-executions`."
      }
    },
    "schemas": {
      "ErrorCode": {
        "type": "string",
        "description": "Every code that this server writes. Which status each one travels with is listed at the responses (`x-error-codes`).",
        "enum": [
          "INVALID_REQUEST",
          "INVALID_VERSION",
          "TOOLS_INVALID",
          "TOOL_NAME_INVALID",
          "TOOLS_NOT_ENABLED",
          "TOOLS_IN_NON_SEQUENTIAL_STEP",
          "TOOLS_REQUIRE_SYNC_EXECUTE",
          "PAUSED_STEP_INVALID",
          "EXECUTION_ID_INVALID",
          "TOOL_RESULTS_MISMATCH",
          "INVALID_STEP_INDEX",
          "INVALID_FIRST_CALL",
          "MISSING_MESSAGE",
          "MESSAGES_ROLE_INVALID",
          "PARAMETER_NAME_RESERVED",
          "MODEL_MIME_INCOMPATIBLE",
          "UNAUTHENTICATED",
          "INSUFFICIENT_CREDITS",
          "CREDITS_EXHAUSTED",
          "FORBIDDEN",
          "FLOW_NOT_FOUND",
          "VERSION_NOT_FOUND",
          "RUN_NOT_FOUND",
          "STEP_NOT_FOUND",
          "SESSION_NOT_FOUND",
          "KEY_NOT_FOUND",
          "EXECUTION_NOT_FOUND",
          "TASK_NOT_FOUND",
          "ROUTE_NOT_FOUND",
          "METHOD_NOT_ALLOWED",
          "TOOL_ITERATION_LIMIT",
          "ALREADY_RESUMED",
          "STALE_CURSOR",
          "STALE_TREE",
          "CANCELLED",
          "FLOW_EXISTS",
          "CREDITS_UNLIMITED",
          "EXECUTION_BUSY",
          "OUTPUTS_EXPIRED",
          "TASK_NOT_EDITABLE",
          "SESSION_EXPIRED",
          "MESSAGES_TOO_LARGE",
          "BODY_TOO_LARGE",
          "UNSUPPORTED_MEDIA_TYPE",
          "INPUT_INVALID",
          "STEP_FAILED",
          "MODEL_PROVIDER_ERROR",
          "CODE_ERROR",
          "OUTPUT_SCHEMA_MISMATCH",
          "STEP_TIMEOUT",
          "BYOK_KEY_REJECTED",
          "WORKER_LOST",
          "TOKEN_LIMIT_REACHED",
          "COST_LIMIT_REACHED",
          "PAUSE_EXPIRED",
          "INVALID_TREE",
          "NO_STEPS",
          "FLOW_NOT_PUBLISHED",
          "IDEMPOTENCY_KEY_REUSED",
          "RATE_LIMITED",
          "TOO_MANY_KEYS",
          "INTERNAL_ERROR",
          "NOT_IMPLEMENTED",
          "BILLING_UNAVAILABLE",
          "SHUTTING_DOWN"
        ]
      },
      "ExecutionSocketMessage": {
        "type": "object",
        "description": "What the server sends on `/flow-executions/ws`. `ready` opens it; each `status_changed` is a change, with the cursor to resume from.",
        "required": [
          "type",
          "cursor"
        ],
        "properties": {
          "type": {
            "type": "string",
            "enum": [
              "ready",
              "status_changed"
            ],
            "description": "What it tells."
          },
          "cursor": {
            "$ref": "#/components/schemas/ChangesCursor"
          },
          "change": {
            "description": "Present in `status_changed`.",
            "$ref": "#/components/schemas/ExecutionChange"
          }
        }
      },
      "ExecutionSocketRequest": {
        "type": "object",
        "description": "The first message of a client that could set no headers.",
        "required": [
          "type",
          "token"
        ],
        "properties": {
          "type": {
            "type": "string",
            "enum": [
              "authenticate"
            ],
            "description": "What it asks."
          },
          "token": {
            "type": "string",
            "maxLength": 200,
            "description": "An API key, `nk_…`."
          },
          "cursor": {
            "description": "Resumes behind it.",
            "$ref": "#/components/schemas/ChangesCursor"
          }
        }
      },
      "ExecutionChange": {
        "type": "object",
        "description": "An execution came to another status.",
        "required": [
          "flow_execution_id",
          "flow_id",
          "status",
          "run_number",
          "at"
        ],
        "properties": {
          "flow_execution_id": {
            "$ref": "#/components/schemas/FlowExecutionId"
          },
          "flow_id": {
            "$ref": "#/components/schemas/FlowId"
          },
          "status": {
            "$ref": "#/components/schemas/ExecutionStatus"
          },
          "run_number": {
            "type": "integer",
            "minimum": 1,
            "description": "Which of its runs that was."
          },
          "at": {
            "$ref": "#/components/schemas/Timestamp"
          }
        }
      },
      "ProjectSettings": {
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
            "$ref": "#/components/schemas/UsdAmount"
          },
          "limits": {
            "$ref": "#/components/schemas/ProjectLimits"
          },
          "capture": {
            "description": "The mode of flows that name none. Absent = `metadata_only`.",
            "$ref": "#/components/schemas/CaptureMode"
          },
          "redact": {
            "description": "What flows under `redacted` hide beside keys, e-mail addresses and card numbers.",
            "$ref": "#/components/schemas/RedactionRules"
          },
          "retention": {
            "description": "How long runs are kept whose flow says nothing about it. Absent = for ever.",
            "$ref": "#/components/schemas/Retention"
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
      "SessionId": {
        "type": "string",
        "description": "Names a session, a UUID that the caller chose. Any version will do, so this is a pattern and not the stricter `format`.",
        "pattern": "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
      },
      "IdempotencyKey": {
        "type": "string",
        "description": "Chosen by the caller, one per logical call; a random UUID serves well.",
        "minLength": 1,
        "maxLength": 255
      },
      "Message": {
        "type": [
          "string",
          "null"
        ],
        "description": "Shorthand for the flow's first declared input: the property named `message` when there is one, else the first in the definition's order. May be absent when `parameters` carries every required input. Given both ways with different values, the call is refused."
      },
      "ContentPart": {
        "type": "object",
        "description": "One part of a turn's content. Unknown kinds are passed through to the model.",
        "additionalProperties": true,
        "required": [
          "type"
        ],
        "properties": {
          "type": {
            "type": "string",
            "description": "`text` for text."
          },
          "text": {
            "type": "string",
            "description": "The text of a `text` part."
          }
        }
      },
      "ToolCall": {
        "type": "object",
        "description": "One call that the model asks the caller to make.",
        "required": [
          "id",
          "type",
          "function"
        ],
        "properties": {
          "id": {
            "type": "string",
            "minLength": 1,
            "description": "Names the call; the answer repeats it."
          },
          "type": {
            "type": "string",
            "enum": [
              "function"
            ],
            "description": "The only kind there is."
          },
          "function": {
            "type": "object",
            "description": "What to call, with what.",
            "required": [
              "name",
              "arguments"
            ],
            "properties": {
              "name": {
                "type": "string",
                "minLength": 1,
                "description": "The tool's name."
              },
              "arguments": {
                "type": "string",
                "description": "The arguments as JSON text, as the model wrote it."
              }
            }
          }
        }
      },
      "ConversationMessage": {
        "type": "object",
        "description": "One turn of a conversation. Unknown members are passed through.",
        "additionalProperties": true,
        "required": [
          "role"
        ],
        "properties": {
          "role": {
            "type": "string",
            "description": "Who speaks. Anything else, `system` for one, is refused with `MESSAGES_ROLE_INVALID`.",
            "enum": [
              "user",
              "assistant",
              "tool"
            ]
          },
          "content": {
            "description": "What is said; null for an assistant's turn that only calls tools.",
            "anyOf": [
              {
                "type": "string"
              },
              {
                "type": "array",
                "items": {
                  "$ref": "#/components/schemas/ContentPart"
                }
              },
              {
                "type": "null"
              }
            ]
          },
          "name": {
            "type": [
              "string",
              "null"
            ],
            "description": "Which of several speakers of the role."
          },
          "toolCalls": {
            "type": [
              "array",
              "null"
            ],
            "description": "Which tools an assistant's turn called. `tool_calls` is read as well.",
            "items": {
              "$ref": "#/components/schemas/ToolCall"
            },
            "x-also-spelled": "tool_calls"
          },
          "toolCallId": {
            "type": [
              "string",
              "null"
            ],
            "description": "Which call a tool's turn answers. `tool_call_id` is read as well.",
            "x-also-spelled": "tool_call_id"
          }
        }
      },
      "Messages": {
        "type": [
          "array",
          "null"
        ],
        "description": "A whole conversation instead of `message`: the last user entry's text fills `message`, the entries before it become turns of the first top-level llm step, and entries after it are not used. Not together with `message`. At most 1 000 000 bytes serialised, else 413 `MESSAGES_TOO_LARGE`.",
        "items": {
          "$ref": "#/components/schemas/ConversationMessage"
        }
      },
      "Parameters": {
        "type": [
          "object",
          "null"
        ],
        "description": "Input name → value. Names that the flow does not declare are tolerated; `attachments` is reserved (`PARAMETER_NAME_RESERVED`).",
        "additionalProperties": true,
        "default": {}
      },
      "JsonObject": {
        "type": "object",
        "description": "Any JSON object.",
        "additionalProperties": true
      },
      "BlockOverrides": {
        "type": [
          "object",
          "null"
        ],
        "description": "Step id → the members of its configuration to replace for this run (`prompt`, `model`, `temperature` …). An unknown step id is refused. `block_overrides` is read as well.",
        "additionalProperties": {
          "$ref": "#/components/schemas/JsonObject"
        },
        "default": {},
        "x-also-spelled": "block_overrides"
      },
      "Attachment": {
        "type": "object",
        "description": "An image by its address.",
        "required": [
          "url",
          "mimeType"
        ],
        "properties": {
          "kind": {
            "type": "string",
            "enum": [
              "url"
            ],
            "default": "url",
            "description": "How the attachment is given."
          },
          "url": {
            "type": "string",
            "format": "uri",
            "pattern": "^https://",
            "maxLength": 2048,
            "description": "Where the model finds it. https only."
          },
          "mimeType": {
            "type": "string",
            "description": "What it is. `mime_type` is read as well.",
            "enum": [
              "image/jpeg",
              "image/png",
              "image/webp",
              "image/gif"
            ],
            "x-also-spelled": "mime_type"
          },
          "filename": {
            "type": "string",
            "description": "A bare name for the model to refer to; no `/`, no `\\`, no `..`.",
            "minLength": 1,
            "maxLength": 255,
            "pattern": "^(?!.*\\.\\.)[^/\\\\]+$"
          }
        }
      },
      "Attachments": {
        "type": [
          "array",
          "null"
        ],
        "description": "Passed through to the model, never fetched or stored by the server. A model without the modality answers 400 `MODEL_MIME_INCOMPATIBLE`.",
        "maxItems": 10,
        "items": {
          "$ref": "#/components/schemas/Attachment"
        },
        "default": []
      },
      "JsonSchema": {
        "type": "object",
        "description": "A JSON Schema (draft 2020-12), written as an object.",
        "additionalProperties": true
      },
      "ToolFunction": {
        "type": "object",
        "description": "What the model is told of a tool.",
        "required": [
          "name"
        ],
        "properties": {
          "name": {
            "type": "string",
            "minLength": 1,
            "maxLength": 64,
            "pattern": "^[A-Za-z0-9_-]+$",
            "description": "Unique in the request, else `TOOL_NAME_INVALID`."
          },
          "description": {
            "type": [
              "string",
              "null"
            ],
            "description": "When to call it, and what it does."
          },
          "parameters": {
            "description": "The JSON Schema of its arguments. Absent means that it takes none.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/JsonSchema"
              },
              {
                "type": "null"
              }
            ]
          },
          "strict": {
            "type": [
              "boolean",
              "null"
            ],
            "description": "Whether the provider holds the model to the schema exactly."
          }
        }
      },
      "Tool": {
        "type": "object",
        "description": "A function that the model may ask the caller to run, in OpenAI's form.",
        "required": [
          "type",
          "function"
        ],
        "properties": {
          "type": {
            "type": "string",
            "enum": [
              "function"
            ],
            "description": "The only kind there is."
          },
          "function": {
            "$ref": "#/components/schemas/ToolFunction"
          }
        }
      },
      "Tools": {
        "type": [
          "array",
          "null"
        ],
        "description": "Functions that the caller can run. Allowed when a sequential llm step of the flow has `tools` set to true.",
        "maxItems": 64,
        "items": {
          "$ref": "#/components/schemas/Tool"
        },
        "default": []
      },
      "ToolChoiceMode": {
        "type": "string",
        "description": "`auto` leaves it to the model.",
        "enum": [
          "auto",
          "none",
          "required"
        ]
      },
      "ToolChoiceFunction": {
        "type": "object",
        "description": "The one tool that the model must call.",
        "required": [
          "type",
          "function"
        ],
        "properties": {
          "type": {
            "type": "string",
            "enum": [
              "function"
            ],
            "description": "The only kind there is."
          },
          "function": {
            "type": "object",
            "description": "The tool.",
            "required": [
              "name"
            ],
            "properties": {
              "name": {
                "type": "string",
                "minLength": 1,
                "maxLength": 64,
                "pattern": "^[A-Za-z0-9_-]+$",
                "description": "The name of one of `tools`."
              }
            }
          }
        }
      },
      "ToolChoice": {
        "description": "Whether the model may, must or must not call a tool, or which one it must call.",
        "anyOf": [
          {
            "$ref": "#/components/schemas/ToolChoiceMode"
          },
          {
            "$ref": "#/components/schemas/ToolChoiceFunction"
          },
          {
            "type": "null"
          }
        ]
      },
      "ToolCallMessage": {
        "type": "object",
        "description": "One message of the exchange between model and tools. What the server sent is opaque and goes back verbatim. A tool's answer names its call in `tool_call_id` or `toolCallId` and carries its result in `content` or `output`.",
        "additionalProperties": true,
        "required": [
          "role"
        ],
        "properties": {
          "role": {
            "type": "string",
            "description": "`tool` for an answer."
          },
          "content": {
            "description": "What is said, or what the tool answered: a string, or JSON."
          },
          "output": {
            "description": "Another name for `content` in a tool's answer."
          },
          "tool_call_id": {
            "type": [
              "string",
              "null"
            ],
            "description": "Which call is answered."
          },
          "toolCallId": {
            "type": [
              "string",
              "null"
            ],
            "description": "Another name for `tool_call_id`."
          },
          "tool_calls": {
            "type": [
              "array",
              "null"
            ],
            "description": "The calls that an assistant's message asks for.",
            "items": {
              "$ref": "#/components/schemas/ToolCall"
            }
          }
        }
      },
      "ToolCallMessages": {
        "type": [
          "array",
          "null"
        ],
        "description": "Resume only. The pause's `toolCallMessages` unchanged, then one tool message per call.",
        "items": {
          "$ref": "#/components/schemas/ToolCallMessage"
        }
      },
      "IterationsUsed": {
        "type": [
          "integer",
          "null"
        ],
        "description": "Resume only. The pause's `iterationsUsed`, echoed. The server keeps its own count; 25 rounds are its bound.",
        "minimum": 0,
        "default": 0
      },
      "AccumulatedOutputs": {
        "type": [
          "object",
          "null"
        ],
        "description": "Step id → output, echoed from the last answer. Ignored for steps that the run's log knows.",
        "additionalProperties": true,
        "default": {}
      },
      "TraceFlag": {
        "type": [
          "boolean",
          "null"
        ],
        "description": "True captures whole inputs and outputs for this run, whatever the capture mode.",
        "default": false
      },
      "ExecuteRequest": {
        "type": "object",
        "description": "Runs a flow, or resumes a pause when `executionId`, `pausedAtStep` and `toolCallMessages` are all present. A resume carries the first call's `parameters`, `blockOverrides`, `attachments`, `tools`, `toolChoice` and `trace` again; the server remembers `tools` when it does not. A top-level member that is null or empty counts as absent.",
        "properties": {
          "message": {
            "$ref": "#/components/schemas/Message"
          },
          "messages": {
            "$ref": "#/components/schemas/Messages"
          },
          "parameters": {
            "$ref": "#/components/schemas/Parameters"
          },
          "blockOverrides": {
            "$ref": "#/components/schemas/BlockOverrides"
          },
          "attachments": {
            "$ref": "#/components/schemas/Attachments"
          },
          "tools": {
            "$ref": "#/components/schemas/Tools"
          },
          "toolChoice": {
            "$ref": "#/components/schemas/ToolChoice"
          },
          "executionId": {
            "type": [
              "string",
              "null"
            ],
            "description": "Resume only. The paused run.",
            "maxLength": 200
          },
          "pausedAtStep": {
            "type": [
              "string",
              "null"
            ],
            "description": "Resume only. The step that asked for tools, as the pause named it.",
            "maxLength": 64
          },
          "toolCallMessages": {
            "$ref": "#/components/schemas/ToolCallMessages"
          },
          "iterationsUsed": {
            "$ref": "#/components/schemas/IterationsUsed"
          },
          "accumulatedOutputs": {
            "$ref": "#/components/schemas/AccumulatedOutputs"
          },
          "trace": {
            "$ref": "#/components/schemas/TraceFlag"
          }
        }
      },
      "ExecutionId": {
        "type": "string",
        "description": "Names one run. Ours are UUIDv7; treat it as opaque.",
        "minLength": 1,
        "maxLength": 200
      },
      "FlowId": {
        "type": "string",
        "description": "Names one flow for ever, also when its slug changes. Ours are UUIDs.",
        "minLength": 1,
        "maxLength": 200
      },
      "BlockCount": {
        "type": "integer",
        "description": "How many top-level nodes the flow's tree has. Equal to the trace's `stepCount`.",
        "minimum": 1
      },
      "ExecuteCompletedResponse": {
        "type": "object",
        "description": "The run is finished.",
        "required": [
          "status",
          "result",
          "flowId",
          "blockCount",
          "executionId"
        ],
        "properties": {
          "status": {
            "type": "string",
            "enum": [
              "completed"
            ],
            "description": "Finished."
          },
          "result": {
            "description": "The last step's output."
          },
          "flowId": {
            "$ref": "#/components/schemas/FlowId"
          },
          "blockCount": {
            "$ref": "#/components/schemas/BlockCount"
          },
          "executionId": {
            "$ref": "#/components/schemas/ExecutionId"
          }
        }
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
      "ExecutePausedResponse": {
        "type": "object",
        "description": "The run waits for the results of `toolCalls`. It holds nothing meanwhile, and may be resumed days later.",
        "required": [
          "status",
          "executionId",
          "pausedAtStep",
          "iterationsUsed",
          "toolCallMessages",
          "toolCalls",
          "accumulatedOutputs",
          "flowId",
          "blockCount"
        ],
        "properties": {
          "status": {
            "type": "string",
            "enum": [
              "tool_calls_required"
            ],
            "description": "Waits for tool results."
          },
          "executionId": {
            "$ref": "#/components/schemas/ExecutionId"
          },
          "pausedAtStep": {
            "$ref": "#/components/schemas/StepId"
          },
          "iterationsUsed": {
            "type": "integer",
            "minimum": 0,
            "description": "Tool rounds so far, this one included."
          },
          "toolCallMessages": {
            "type": "array",
            "description": "Opaque; echo verbatim. Ends with the assistant's message that asks.",
            "items": {
              "$ref": "#/components/schemas/ToolCallMessage"
            }
          },
          "toolCalls": {
            "type": "array",
            "description": "What to run. Answer each of them.",
            "minItems": 1,
            "items": {
              "$ref": "#/components/schemas/ToolCall"
            }
          },
          "accumulatedOutputs": {
            "type": "object",
            "description": "Step id → output of the steps completed so far. Echo it.",
            "additionalProperties": true
          },
          "flowId": {
            "$ref": "#/components/schemas/FlowId"
          },
          "blockCount": {
            "$ref": "#/components/schemas/BlockCount"
          }
        }
      },
      "ExecuteFailedResponse": {
        "type": "object",
        "description": "The run failed, told with status 200. Older servers answer so; this one answers 422. Kept so that a client knows it for a failure.",
        "required": [
          "status"
        ],
        "properties": {
          "status": {
            "type": "string",
            "enum": [
              "failed"
            ],
            "description": "Failed."
          },
          "result": {
            "description": "What there was of a result."
          },
          "error": {
            "description": "What there was of a reason."
          },
          "flowId": {
            "$ref": "#/components/schemas/FlowId"
          },
          "blockCount": {
            "$ref": "#/components/schemas/BlockCount"
          },
          "executionId": {
            "$ref": "#/components/schemas/ExecutionId"
          }
        }
      },
      "ExecuteResponse": {
        "description": "How an execute ended. Switch on `status`.",
        "oneOf": [
          {
            "$ref": "#/components/schemas/ExecuteCompletedResponse"
          },
          {
            "$ref": "#/components/schemas/ExecutePausedResponse"
          },
          {
            "$ref": "#/components/schemas/ExecuteFailedResponse"
          }
        ],
        "discriminator": {
          "propertyName": "status",
          "mapping": {
            "completed": "#/components/schemas/ExecuteCompletedResponse",
            "tool_calls_required": "#/components/schemas/ExecutePausedResponse",
            "failed": "#/components/schemas/ExecuteFailedResponse"
          }
        }
      },
      "Issue": {
        "type": "object",
        "description": "One fault in a body or a definition.",
        "required": [
          "path",
          "message"
        ],
        "properties": {
          "path": {
            "type": "string",
            "description": "Where, as a path from the root: `attachments[0].url`, `steps[2].branches.tone[0].prompt`. Empty for the whole."
          },
          "message": {
            "type": "string",
            "description": "What is wrong there."
          },
          "fix": {
            "type": "string",
            "description": "What to write instead, when there is one thing to write."
          },
          "line": {
            "type": "integer",
            "minimum": 1,
            "description": "Where in the file, when the definition came as a text."
          },
          "column": {
            "type": "integer",
            "minimum": 1,
            "description": "Where in that line."
          }
        }
      },
      "ErrorDetail": {
        "type": "object",
        "description": "One error. Never a stack, a statement of SQL, a key, or a body from elsewhere.",
        "required": [
          "code",
          "message"
        ],
        "properties": {
          "code": {
            "type": "string",
            "description": "Stable, for machines. One of `ErrorCode` from this server; a client must bear codes that it does not know.",
            "pattern": "^[A-Z][A-Z0-9_]*$",
            "maxLength": 64
          },
          "message": {
            "type": "string",
            "description": "For people, names what is wrong and what to do. It may change between releases."
          },
          "executionId": {
            "description": "The run that the error belongs to, when there is one.",
            "$ref": "#/components/schemas/ExecutionId"
          },
          "stepId": {
            "description": "The node that the error belongs to, when there is one.",
            "$ref": "#/components/schemas/StepId"
          },
          "issues": {
            "type": "array",
            "description": "Every fault of the request or definition, not only the first.",
            "items": {
              "$ref": "#/components/schemas/Issue"
            }
          },
          "doc": {
            "type": "string",
            "format": "uri",
            "description": "A page that explains this code."
          }
        }
      },
      "ErrorResponse": {
        "type": "object",
        "description": "The body of every answer that is not a success.",
        "required": [
          "detail"
        ],
        "properties": {
          "detail": {
            "$ref": "#/components/schemas/ErrorDetail"
          }
        }
      },
      "VersionNumber": {
        "type": "integer",
        "description": "A version as it stands in a path. `0` is the draft, N ≥ 1 the published version N.",
        "minimum": 0,
        "maximum": 2147483647
      },
      "EventCursor": {
        "type": "integer",
        "description": "The place of an event in its run's log, counted 1, 2, 3 … without gaps. `0` stands before the first one.",
        "minimum": 0
      },
      "StepRequest": {
        "type": "object",
        "description": "Runs the step at `stepIndex`, or with `runRemaining` everything from there. The first call creates the run; later ones name it by `executionId` and need not repeat the input. The log wins: a repeated segment joins the running step or replays what is stored, and never runs a completed step again; another input for a completed index is 409 `STALE_CURSOR`. A resume names the same `executionId` and `stepIndex` and carries `toolCallMessages`. A top-level member that is null or empty counts as absent.",
        "properties": {
          "executionId": {
            "type": [
              "string",
              "null"
            ],
            "description": "The run. Absent on the first call.",
            "maxLength": 200
          },
          "stepIndex": {
            "type": [
              "integer",
              "null"
            ],
            "description": "Which top-level node to run, from 0. 0 on the first call, else `INVALID_FIRST_CALL`.",
            "minimum": 0,
            "default": 0
          },
          "accumulatedOutputs": {
            "$ref": "#/components/schemas/AccumulatedOutputs"
          },
          "message": {
            "$ref": "#/components/schemas/Message"
          },
          "messages": {
            "$ref": "#/components/schemas/Messages"
          },
          "parameters": {
            "$ref": "#/components/schemas/Parameters"
          },
          "inputOverrides": {
            "type": [
              "object",
              "null"
            ],
            "description": "Step id → output. Stands in for a prior step's output in the steps not yet run.",
            "additionalProperties": true,
            "default": {}
          },
          "blockOverrides": {
            "$ref": "#/components/schemas/BlockOverrides"
          },
          "runRemaining": {
            "type": [
              "boolean",
              "null"
            ],
            "description": "True runs every step from `stepIndex` on one stream, which ends with `flow_completed` and never with `step_paused`.",
            "default": false
          },
          "attachments": {
            "$ref": "#/components/schemas/Attachments"
          },
          "tools": {
            "$ref": "#/components/schemas/Tools"
          },
          "toolChoice": {
            "$ref": "#/components/schemas/ToolChoice"
          },
          "toolCallMessages": {
            "$ref": "#/components/schemas/ToolCallMessages"
          },
          "iterationsUsed": {
            "$ref": "#/components/schemas/IterationsUsed"
          },
          "trace": {
            "$ref": "#/components/schemas/TraceFlag"
          }
        }
      },
      "FrameId": {
        "type": "integer",
        "description": "The event's place in its run's log, counted from 1.",
        "minimum": 1
      },
      "RunStartedData": {
        "type": "object",
        "description": "The run's first event. Later segments open with a copy of it without `id`. Older servers name it `flow_started`.",
        "required": [
          "runId",
          "executionId",
          "flowId",
          "stepCount"
        ],
        "properties": {
          "runId": {
            "$ref": "#/components/schemas/ExecutionId"
          },
          "executionId": {
            "$ref": "#/components/schemas/ExecutionId"
          },
          "flowId": {
            "$ref": "#/components/schemas/FlowId"
          },
          "stepCount": {
            "type": "integer",
            "minimum": 0,
            "description": "How many top-level nodes will report."
          }
        }
      },
      "StepIndex": {
        "type": "integer",
        "description": "Which top-level node of the flow, from 0; absolute, also on a later segment.",
        "minimum": 0
      },
      "StepStartedData": {
        "type": "object",
        "description": "A top-level node begins.",
        "required": [
          "stepId",
          "name",
          "stepIndex"
        ],
        "properties": {
          "stepId": {
            "$ref": "#/components/schemas/StepId"
          },
          "name": {
            "type": "string",
            "description": "The node's name."
          },
          "stepIndex": {
            "$ref": "#/components/schemas/StepIndex"
          }
        }
      },
      "StepInputData": {
        "type": "object",
        "description": "What the node was given.",
        "required": [
          "stepId",
          "inputData"
        ],
        "properties": {
          "stepId": {
            "$ref": "#/components/schemas/StepId"
          },
          "inputData": {
            "description": "Empty when the run's inputs are no longer kept.",
            "$ref": "#/components/schemas/JsonObject"
          }
        }
      },
      "StepPath": {
        "type": "string",
        "description": "The `id` of a node that ran. Inside a sub-flow it stands behind those of the flow steps around it, with dots between: `sub.check`.",
        "maxLength": 2080,
        "pattern": "^[A-Za-z_][A-Za-z0-9_-]*(\\.[A-Za-z_][A-Za-z0-9_-]*)*$",
        "examples": [
          "check",
          "sub.check"
        ]
      },
      "LoopPath": {
        "type": "array",
        "description": "The index of each enclosing loop's pass, outermost first. Empty outside loops.",
        "items": {
          "type": "integer",
          "minimum": 0
        },
        "maxItems": 32
      },
      "StepOutputData": {
        "type": "object",
        "description": "A piece of output as it is produced. Not logged, no `id`. Fold the pieces by `(stepId, attempt, loopPath)` and `offset`; after a reconnect the text so far comes again from offset 0. A `step_retrying` voids the text before it; `step_completed.output` is what counts.",
        "required": [
          "stepId",
          "attempt",
          "loopPath",
          "offset",
          "outputData"
        ],
        "properties": {
          "stepId": {
            "$ref": "#/components/schemas/StepPath"
          },
          "attempt": {
            "type": "integer",
            "minimum": 1,
            "description": "The attempt that writes."
          },
          "loopPath": {
            "$ref": "#/components/schemas/LoopPath"
          },
          "offset": {
            "type": "integer",
            "minimum": 0,
            "description": "UTF-16 code units of this attempt's text before this piece."
          },
          "outputData": {
            "type": "object",
            "description": "The piece.",
            "additionalProperties": true,
            "properties": {
              "delta": {
                "type": "string",
                "description": "The text that an llm step added."
              }
            }
          }
        }
      },
      "DurationMs": {
        "type": "integer",
        "description": "Milliseconds of work, pauses not counted.",
        "minimum": 0
      },
      "TokenCounts": {
        "type": "object",
        "description": "What the model counted. `prompt` includes cached tokens, `completion` includes reasoning.",
        "required": [
          "prompt",
          "completion",
          "total"
        ],
        "properties": {
          "prompt": {
            "type": "integer",
            "minimum": 0,
            "description": "Tokens read."
          },
          "completion": {
            "type": "integer",
            "minimum": 0,
            "description": "Tokens written."
          },
          "total": {
            "type": "integer",
            "minimum": 0,
            "description": "Their sum."
          }
        }
      },
      "CostUsd": {
        "type": "string",
        "description": "US dollars as a decimal string, exact. Add such strings as decimals, not as floating-point numbers.",
        "pattern": "^\\d+(\\.\\d+)?$",
        "maxLength": 40,
        "examples": [
          "0.000412"
        ]
      },
      "StepCompletedData": {
        "type": "object",
        "description": "A top-level node is done. Exactly one per node.",
        "required": [
          "stepId",
          "name",
          "output",
          "durationMs",
          "tokens",
          "costUsd",
          "stepIndex"
        ],
        "properties": {
          "stepId": {
            "$ref": "#/components/schemas/StepId"
          },
          "name": {
            "type": "string",
            "description": "The node's name."
          },
          "output": {
            "description": "Its output; null when the run's outputs are no longer kept."
          },
          "durationMs": {
            "$ref": "#/components/schemas/DurationMs"
          },
          "tokens": {
            "description": "For a container the sum over what it holds; zeros when no model was called.",
            "$ref": "#/components/schemas/TokenCounts"
          },
          "costUsd": {
            "description": "Likewise. `\"0\"` also when the price of a model is unknown, because clients in the field drop a frame without a string here; the trace then has null.",
            "$ref": "#/components/schemas/CostUsd"
          },
          "modelUsed": {
            "type": [
              "string",
              "null"
            ],
            "description": "The model that answered, as `provider/model`; null when none was called, and for a container. Older servers leave it out.",
            "maxLength": 200
          },
          "stepIndex": {
            "$ref": "#/components/schemas/StepIndex"
          }
        }
      },
      "ErrorInfo": {
        "type": "object",
        "description": "Why a run or step failed.",
        "required": [
          "code",
          "message"
        ],
        "properties": {
          "code": {
            "type": "string",
            "description": "As in `ErrorDetail.code`.",
            "pattern": "^[A-Z][A-Z0-9_]*$",
            "maxLength": 64
          },
          "message": {
            "type": "string",
            "description": "For people."
          },
          "stepId": {
            "description": "The node that failed.",
            "$ref": "#/components/schemas/StepId"
          }
        }
      },
      "StepErrorData": {
        "type": "object",
        "description": "The run ended here, by this step or by its own fault, which then names the step in flight or next. Terminal. A cancelled run ends with code `CANCELLED`.",
        "required": [
          "stepId",
          "name",
          "error"
        ],
        "properties": {
          "stepId": {
            "$ref": "#/components/schemas/StepId"
          },
          "name": {
            "type": "string",
            "description": "The node's name."
          },
          "error": {
            "$ref": "#/components/schemas/ErrorInfo"
          }
        }
      },
      "StepPausedData": {
        "type": "object",
        "description": "The segment ends here; the run waits for the next one.",
        "required": [
          "stepId",
          "stepIndex",
          "nextStepIndex"
        ],
        "properties": {
          "stepId": {
            "$ref": "#/components/schemas/StepId"
          },
          "stepIndex": {
            "$ref": "#/components/schemas/StepIndex"
          },
          "nextStepIndex": {
            "description": "What the next segment sends as `stepIndex`.",
            "$ref": "#/components/schemas/StepIndex"
          }
        }
      },
      "StepPausedForToolCallsData": {
        "type": "object",
        "description": "The run waits for the results of `toolCalls`. The segment ends here; the live trace stays open.",
        "required": [
          "runId",
          "executionId",
          "stepId",
          "stepIndex",
          "iterationsUsed",
          "toolCallMessages",
          "toolCalls",
          "accumulatedOutputs"
        ],
        "properties": {
          "runId": {
            "$ref": "#/components/schemas/ExecutionId"
          },
          "executionId": {
            "$ref": "#/components/schemas/ExecutionId"
          },
          "stepId": {
            "$ref": "#/components/schemas/StepId"
          },
          "stepIndex": {
            "$ref": "#/components/schemas/StepIndex"
          },
          "iterationsUsed": {
            "type": "integer",
            "minimum": 0,
            "description": "Tool rounds so far, this one included."
          },
          "toolCallMessages": {
            "type": "array",
            "description": "Opaque; echo verbatim, then one tool message per call.",
            "items": {
              "$ref": "#/components/schemas/ToolCallMessage"
            }
          },
          "toolCalls": {
            "type": "array",
            "description": "What to run. Answer each of them. Empty when the run is over and its payloads are no longer kept.",
            "items": {
              "$ref": "#/components/schemas/ToolCall"
            }
          },
          "accumulatedOutputs": {
            "type": "object",
            "description": "Step id → output of the steps completed so far. Echo it.",
            "additionalProperties": true
          }
        }
      },
      "FlowCompletedSummary": {
        "type": "object",
        "description": "The run in figures, over all attempts.",
        "required": [
          "durationMs",
          "stepCount",
          "tokens",
          "costUsd"
        ],
        "properties": {
          "durationMs": {
            "$ref": "#/components/schemas/DurationMs"
          },
          "stepCount": {
            "type": "integer",
            "minimum": 0,
            "description": "How many top-level nodes reported."
          },
          "tokens": {
            "description": "Zeros when no model was called.",
            "$ref": "#/components/schemas/TokenCounts"
          },
          "costUsd": {
            "description": "`\"0\"` when no model was called, and when the price of one is unknown; the trace then has null.",
            "$ref": "#/components/schemas/CostUsd"
          }
        }
      },
      "FlowCompletedData": {
        "type": "object",
        "description": "The run is finished. Terminal.",
        "required": [
          "runId",
          "executionId",
          "result",
          "summary"
        ],
        "properties": {
          "runId": {
            "$ref": "#/components/schemas/ExecutionId"
          },
          "executionId": {
            "$ref": "#/components/schemas/ExecutionId"
          },
          "result": {
            "description": "The last step's output; null when the run's outputs are no longer kept."
          },
          "summary": {
            "$ref": "#/components/schemas/FlowCompletedSummary"
          }
        }
      },
      "StepProgressData": {
        "type": "object",
        "description": "A step inside a container moved on. `phase` says which of the optional members are there.",
        "required": [
          "stepId",
          "parentStepId",
          "loopIndex",
          "loopPath",
          "attempt",
          "phase"
        ],
        "properties": {
          "stepId": {
            "$ref": "#/components/schemas/StepPath"
          },
          "parentStepId": {
            "description": "The container.",
            "$ref": "#/components/schemas/StepPath"
          },
          "name": {
            "type": "string",
            "description": "The node's name."
          },
          "loopIndex": {
            "type": [
              "integer",
              "null"
            ],
            "minimum": 0,
            "description": "Which pass of the innermost loop; null outside loops."
          },
          "loopPath": {
            "$ref": "#/components/schemas/LoopPath"
          },
          "attempt": {
            "type": "integer",
            "minimum": 1,
            "description": "The attempt that reports."
          },
          "phase": {
            "type": "string",
            "description": "`output` carries a piece of output and is not logged; the others are.",
            "enum": [
              "started",
              "output",
              "completed",
              "failed"
            ]
          },
          "inputData": {
            "description": "With `started`.",
            "$ref": "#/components/schemas/JsonObject"
          },
          "offset": {
            "type": "integer",
            "minimum": 0,
            "description": "With `output`, as in `StepOutputData`."
          },
          "outputData": {
            "description": "With `output`, as in `StepOutputData`.",
            "$ref": "#/components/schemas/JsonObject"
          },
          "output": {
            "description": "With `completed`."
          },
          "durationMs": {
            "description": "With `completed` and `failed`.",
            "$ref": "#/components/schemas/DurationMs"
          },
          "tokens": {
            "description": "With `completed` and `failed`; null when no model was called.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/TokenCounts"
              },
              {
                "type": "null"
              }
            ]
          },
          "costUsd": {
            "description": "With `completed` and `failed`; null also when the price is unknown.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/CostUsd"
              },
              {
                "type": "null"
              }
            ]
          },
          "error": {
            "description": "With `failed`. The run goes on unless a `step_error` follows.",
            "$ref": "#/components/schemas/ErrorInfo"
          }
        }
      },
      "LoopCompletedData": {
        "type": "object",
        "description": "A loop went through its items.",
        "required": [
          "stepId",
          "loopPath",
          "itemCount",
          "failedCount",
          "durationMs"
        ],
        "properties": {
          "stepId": {
            "description": "The loop.",
            "$ref": "#/components/schemas/StepPath"
          },
          "loopPath": {
            "$ref": "#/components/schemas/LoopPath"
          },
          "itemCount": {
            "type": "integer",
            "minimum": 0,
            "description": "How many items it had."
          },
          "failedCount": {
            "type": "integer",
            "minimum": 0,
            "description": "How many of them failed and were skipped or made null."
          },
          "durationMs": {
            "$ref": "#/components/schemas/DurationMs"
          }
        }
      },
      "StepRetryingData": {
        "type": "object",
        "description": "An attempt failed and another one follows. Text that the failed one wrote is void.",
        "required": [
          "stepId",
          "loopPath",
          "attempt",
          "delayMs",
          "error"
        ],
        "properties": {
          "stepId": {
            "$ref": "#/components/schemas/StepPath"
          },
          "loopPath": {
            "$ref": "#/components/schemas/LoopPath"
          },
          "attempt": {
            "type": "integer",
            "minimum": 2,
            "description": "The attempt that is about to start."
          },
          "delayMs": {
            "type": "integer",
            "minimum": 0,
            "description": "How long it waits first."
          },
          "error": {
            "$ref": "#/components/schemas/ErrorInfo"
          }
        }
      },
      "StepResumedData": {
        "type": "object",
        "description": "The caller has answered the tool calls; the step goes on within its attempt.",
        "required": [
          "stepId",
          "iterationsUsed"
        ],
        "properties": {
          "stepId": {
            "$ref": "#/components/schemas/StepId"
          },
          "iterationsUsed": {
            "type": "integer",
            "minimum": 1,
            "description": "Tool rounds so far."
          }
        }
      },
      "EventFrame": {
        "description": "One frame, its `data` parsed. This is the table from event name to data that types and validators are generated from. Only logged frames have an `id`.",
        "oneOf": [
          {
            "type": "object",
            "description": "`run_started`",
            "additionalProperties": false,
            "required": [
              "event",
              "data"
            ],
            "properties": {
              "id": {
                "$ref": "#/components/schemas/FrameId"
              },
              "event": {
                "type": "string",
                "enum": [
                  "run_started"
                ]
              },
              "data": {
                "$ref": "#/components/schemas/RunStartedData"
              }
            }
          },
          {
            "type": "object",
            "description": "`step_started`",
            "additionalProperties": false,
            "required": [
              "id",
              "event",
              "data"
            ],
            "properties": {
              "id": {
                "$ref": "#/components/schemas/FrameId"
              },
              "event": {
                "type": "string",
                "enum": [
                  "step_started"
                ]
              },
              "data": {
                "$ref": "#/components/schemas/StepStartedData"
              }
            }
          },
          {
            "type": "object",
            "description": "`step_input`",
            "additionalProperties": false,
            "required": [
              "id",
              "event",
              "data"
            ],
            "properties": {
              "id": {
                "$ref": "#/components/schemas/FrameId"
              },
              "event": {
                "type": "string",
                "enum": [
                  "step_input"
                ]
              },
              "data": {
                "$ref": "#/components/schemas/StepInputData"
              }
            }
          },
          {
            "type": "object",
            "description": "`step_output`",
            "additionalProperties": false,
            "required": [
              "event",
              "data"
            ],
            "properties": {
              "event": {
                "type": "string",
                "enum": [
                  "step_output"
                ]
              },
              "data": {
                "$ref": "#/components/schemas/StepOutputData"
              }
            }
          },
          {
            "type": "object",
            "description": "`step_completed`",
            "additionalProperties": false,
            "required": [
              "id",
              "event",
              "data"
            ],
            "properties": {
              "id": {
                "$ref": "#/components/schemas/FrameId"
              },
              "event": {
                "type": "string",
                "enum": [
                  "step_completed"
                ]
              },
              "data": {
                "$ref": "#/components/schemas/StepCompletedData"
              }
            }
          },
          {
            "type": "object",
            "description": "`step_error`",
            "additionalProperties": false,
            "required": [
              "id",
              "event",
              "data"
            ],
            "properties": {
              "id": {
                "$ref": "#/components/schemas/FrameId"
              },
              "event": {
                "type": "string",
                "enum": [
                  "step_error"
                ]
              },
              "data": {
                "$ref": "#/components/schemas/StepErrorData"
              }
            }
          },
          {
            "type": "object",
            "description": "`step_paused`",
            "additionalProperties": false,
            "required": [
              "id",
              "event",
              "data"
            ],
            "properties": {
              "id": {
                "$ref": "#/components/schemas/FrameId"
              },
              "event": {
                "type": "string",
                "enum": [
                  "step_paused"
                ]
              },
              "data": {
                "$ref": "#/components/schemas/StepPausedData"
              }
            }
          },
          {
            "type": "object",
            "description": "`step_paused_for_tool_calls`",
            "additionalProperties": false,
            "required": [
              "id",
              "event",
              "data"
            ],
            "properties": {
              "id": {
                "$ref": "#/components/schemas/FrameId"
              },
              "event": {
                "type": "string",
                "enum": [
                  "step_paused_for_tool_calls"
                ]
              },
              "data": {
                "$ref": "#/components/schemas/StepPausedForToolCallsData"
              }
            }
          },
          {
            "type": "object",
            "description": "`flow_completed`",
            "additionalProperties": false,
            "required": [
              "id",
              "event",
              "data"
            ],
            "properties": {
              "id": {
                "$ref": "#/components/schemas/FrameId"
              },
              "event": {
                "type": "string",
                "enum": [
                  "flow_completed"
                ]
              },
              "data": {
                "$ref": "#/components/schemas/FlowCompletedData"
              }
            }
          },
          {
            "type": "object",
            "description": "`step_progress`",
            "additionalProperties": false,
            "required": [
              "event",
              "data"
            ],
            "properties": {
              "id": {
                "$ref": "#/components/schemas/FrameId"
              },
              "event": {
                "type": "string",
                "enum": [
                  "step_progress"
                ]
              },
              "data": {
                "$ref": "#/components/schemas/StepProgressData"
              }
            }
          },
          {
            "type": "object",
            "description": "`loop_completed`",
            "additionalProperties": false,
            "required": [
              "id",
              "event",
              "data"
            ],
            "properties": {
              "id": {
                "$ref": "#/components/schemas/FrameId"
              },
              "event": {
                "type": "string",
                "enum": [
                  "loop_completed"
                ]
              },
              "data": {
                "$ref": "#/components/schemas/LoopCompletedData"
              }
            }
          },
          {
            "type": "object",
            "description": "`step_retrying`",
            "additionalProperties": false,
            "required": [
              "id",
              "event",
              "data"
            ],
            "properties": {
              "id": {
                "$ref": "#/components/schemas/FrameId"
              },
              "event": {
                "type": "string",
                "enum": [
                  "step_retrying"
                ]
              },
              "data": {
                "$ref": "#/components/schemas/StepRetryingData"
              }
            }
          },
          {
            "type": "object",
            "description": "`step_resumed`",
            "additionalProperties": false,
            "required": [
              "id",
              "event",
              "data"
            ],
            "properties": {
              "id": {
                "$ref": "#/components/schemas/FrameId"
              },
              "event": {
                "type": "string",
                "enum": [
                  "step_resumed"
                ]
              },
              "data": {
                "$ref": "#/components/schemas/StepResumedData"
              }
            }
          }
        ]
      },
      "EventStream": {
        "type": "string",
        "description": "Server-sent events, UTF-8, lines ended by LF. Each frame is `id`, `event`, `data` with one line of JSON, and a blank line. `event` names the shape of `data`; the JSON itself does not repeat it. `id` is the event's place in the run's log, 1, 2, 3 … without gaps, and is missing on frames that are not logged: `step_output`, `step_progress` of phase `output`, and the copy of `run_started` that opens a later segment. Comment lines every ten seconds are heartbeats. Names that a client does not know are to be skipped.",
        "contentMediaType": "text/event-stream",
        "contentSchema": {
          "$ref": "#/components/schemas/EventFrame"
        }
      },
      "JobRequest": {
        "type": "object",
        "description": "Puts a run into the queue. `tools` are refused with `TOOLS_REQUIRE_SYNC_EXECUTE` and `attachments` with `INVALID_REQUEST`. A top-level member that is null or empty counts as absent.",
        "properties": {
          "message": {
            "$ref": "#/components/schemas/Message"
          },
          "messages": {
            "$ref": "#/components/schemas/Messages"
          },
          "parameters": {
            "$ref": "#/components/schemas/Parameters"
          },
          "blockOverrides": {
            "$ref": "#/components/schemas/BlockOverrides"
          },
          "trace": {
            "$ref": "#/components/schemas/TraceFlag"
          },
          "priority": {
            "type": [
              "integer",
              "null"
            ],
            "description": "Higher runs sooner. Within one priority the projects take turns, so that none starves.",
            "minimum": -100,
            "maximum": 100,
            "default": 0
          },
          "startAfter": {
            "type": [
              "string",
              "null"
            ],
            "description": "The earliest moment to start, by the server's clock. Absent = now.",
            "format": "date-time"
          },
          "webhookUrl": {
            "type": [
              "string",
              "null"
            ],
            "description": "Told of the job's end, signed after Standard Webhooks with the project's `webhookSecret`, until it answers with 2xx: `job.completed` or `job.failed`, with the job's status. https, and no private address, but where the server's operator allows it.",
            "format": "uri",
            "pattern": "^https?://",
            "maxLength": 2048
          }
        }
      },
      "JobAccepted": {
        "type": "object",
        "description": "The run is stored; it survives a restart from here on.",
        "required": [
          "executionId",
          "status",
          "flowId",
          "blockCount"
        ],
        "properties": {
          "executionId": {
            "$ref": "#/components/schemas/ExecutionId"
          },
          "status": {
            "type": "string",
            "enum": [
              "started"
            ],
            "description": "Always `started`."
          },
          "flowId": {
            "$ref": "#/components/schemas/FlowId"
          },
          "blockCount": {
            "$ref": "#/components/schemas/BlockCount"
          }
        }
      },
      "RunStatus": {
        "type": "string",
        "description": "Where a run stands. `pending`: stored, no worker yet. `paused`: waits for tool results or for its next segment. `stale`: an edited step made later results out of date, or its worker was lost and no other may take it.",
        "enum": [
          "pending",
          "running",
          "paused",
          "completed",
          "failed",
          "cancelled",
          "stale"
        ]
      },
      "JobStatus": {
        "type": "object",
        "description": "Where a job stands.",
        "required": [
          "executionId",
          "status"
        ],
        "properties": {
          "executionId": {
            "$ref": "#/components/schemas/ExecutionId"
          },
          "status": {
            "type": "string",
            "description": "The four states that older clients know. A paused run reads `running` here; a cancelled one reads `failed` with `error: \"cancelled\"`.",
            "enum": [
              "pending",
              "running",
              "completed",
              "failed"
            ]
          },
          "state": {
            "description": "The run's own status.",
            "$ref": "#/components/schemas/RunStatus"
          },
          "result": {
            "description": "The last step's output, once completed."
          },
          "error": {
            "type": [
              "string",
              "null"
            ],
            "description": "Why it failed, for people; `cancelled` when it was cancelled."
          }
        }
      },
      "CancelAccepted": {
        "type": "object",
        "description": "The run that is to end.",
        "required": [
          "executionId",
          "status"
        ],
        "properties": {
          "executionId": {
            "$ref": "#/components/schemas/ExecutionId"
          },
          "status": {
            "$ref": "#/components/schemas/RunStatus"
          }
        }
      },
      "CancelByKeyRequest": {
        "type": "object",
        "description": "Names the run by the key of the call that created it, for a caller who never saw its id.",
        "required": [
          "idempotencyKey"
        ],
        "properties": {
          "idempotencyKey": {
            "$ref": "#/components/schemas/IdempotencyKey"
          }
        }
      },
      "TriggerType": {
        "type": "string",
        "description": "Which call started a run.",
        "enum": [
          "execute",
          "step",
          "job",
          "api",
          "schedule"
        ]
      },
      "Timestamp": {
        "type": "string",
        "description": "A moment in ISO 8601 with its offset, to the millisecond.",
        "format": "date-time",
        "examples": [
          "2026-11-20T09:30:12.481Z"
        ]
      },
      "FlowRun": {
        "type": "object",
        "description": "One execution of one version of one flow.",
        "required": [
          "id",
          "flowId",
          "status",
          "triggerType",
          "startedAt",
          "completedAt",
          "durationMs",
          "stepCount",
          "totalTokens",
          "totalCostUsd"
        ],
        "properties": {
          "id": {
            "$ref": "#/components/schemas/ExecutionId"
          },
          "flowId": {
            "$ref": "#/components/schemas/FlowId"
          },
          "version": {
            "type": "integer",
            "description": "The version that runs; `0` is a draft, as it was when the run started.",
            "minimum": 0
          },
          "status": {
            "$ref": "#/components/schemas/RunStatus"
          },
          "triggerType": {
            "description": "Which call started it; null when that was not recorded.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/TriggerType"
              },
              {
                "type": "null"
              }
            ]
          },
          "startedAt": {
            "description": "When its first step began; null while it waits.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/Timestamp"
              },
              {
                "type": "null"
              }
            ]
          },
          "completedAt": {
            "description": "When it ended; null before.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/Timestamp"
              },
              {
                "type": "null"
              }
            ]
          },
          "durationMs": {
            "description": "Pauses not counted; null while it runs.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/DurationMs"
              },
              {
                "type": "null"
              }
            ]
          },
          "stepCount": {
            "type": [
              "integer",
              "null"
            ],
            "minimum": 0,
            "description": "How many top-level nodes its tree has."
          },
          "totalTokens": {
            "description": "Over all attempts of all steps; null when no model was called.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/TokenCounts"
              },
              {
                "type": "null"
              }
            ]
          },
          "totalCostUsd": {
            "description": "Over all attempts of all steps; null when no model was called, or a price is unknown.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/CostUsd"
              },
              {
                "type": "null"
              }
            ]
          }
        }
      },
      "RunOutcome": {
        "type": "object",
        "description": "What came of a run.",
        "required": [
          "result",
          "error",
          "pause"
        ],
        "properties": {
          "result": {
            "description": "The last step's output once completed; null before, and when it is no longer kept."
          },
          "error": {
            "description": "Why it failed or was cancelled; else null.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/ErrorInfo"
              },
              {
                "type": "null"
              }
            ]
          },
          "pause": {
            "description": "What the paused call was answered, while it waits for tool results; else null.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/ExecutePausedResponse"
              },
              {
                "type": "null"
              }
            ]
          }
        }
      },
      "RunSummary": {
        "description": "A run with what came of it.",
        "allOf": [
          {
            "$ref": "#/components/schemas/FlowRun"
          },
          {
            "$ref": "#/components/schemas/RunOutcome"
          }
        ]
      },
      "StepStatus": {
        "type": "string",
        "description": "How an attempt stands. `skipped` is a branch's untaken step.",
        "enum": [
          "running",
          "completed",
          "failed",
          "skipped"
        ]
      },
      "StepKind": {
        "type": "string",
        "description": "The node's `type`.",
        "enum": [
          "llm",
          "code",
          "passthrough",
          "loop",
          "parallel",
          "branch",
          "flow"
        ]
      },
      "StepTrace": {
        "type": "object",
        "description": "One attempt of one step.",
        "required": [
          "stepId",
          "attempt",
          "loopIndex",
          "status",
          "startedAt",
          "completedAt",
          "durationMs",
          "modelUsed",
          "tokens",
          "costUsd",
          "inputContext",
          "outputContext",
          "errorContext",
          "inputSizeBytes",
          "outputSizeBytes",
          "truncated"
        ],
        "properties": {
          "stepId": {
            "$ref": "#/components/schemas/StepPath"
          },
          "attempt": {
            "type": "integer",
            "minimum": 1,
            "description": "The first try is 1."
          },
          "loopIndex": {
            "type": [
              "integer",
              "null"
            ],
            "minimum": 0,
            "description": "Which pass of the innermost loop; null outside loops."
          },
          "status": {
            "$ref": "#/components/schemas/StepStatus"
          },
          "startedAt": {
            "description": "When the attempt began; null when it was skipped.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/Timestamp"
              },
              {
                "type": "null"
              }
            ]
          },
          "completedAt": {
            "description": "When it ended; null before.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/Timestamp"
              },
              {
                "type": "null"
              }
            ]
          },
          "durationMs": {
            "description": "Null while it runs, and when it was skipped.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/DurationMs"
              },
              {
                "type": "null"
              }
            ]
          },
          "modelUsed": {
            "type": [
              "string",
              "null"
            ],
            "description": "`provider/model` that answered, after fallbacks; null when none was called."
          },
          "tokens": {
            "description": "Null for containers and where no model was called.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/TokenCounts"
              },
              {
                "type": "null"
              }
            ]
          },
          "costUsd": {
            "description": "Null for containers, where no model was called, and where the price is unknown.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/CostUsd"
              },
              {
                "type": "null"
              }
            ]
          },
          "inputContext": {
            "description": "What the step was given, as the capture mode allows. Over 64 KiB: `{preview}` and `truncated`.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/JsonObject"
              },
              {
                "type": "null"
              }
            ]
          },
          "outputContext": {
            "description": "What it gave, likewise.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/JsonObject"
              },
              {
                "type": "null"
              }
            ]
          },
          "errorContext": {
            "description": "Why it failed.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/JsonObject"
              },
              {
                "type": "null"
              }
            ]
          },
          "inputSizeBytes": {
            "type": [
              "integer",
              "null"
            ],
            "minimum": 0,
            "description": "Of the original, as UTF-8 JSON."
          },
          "outputSizeBytes": {
            "type": [
              "integer",
              "null"
            ],
            "minimum": 0,
            "description": "Of the original, as UTF-8 JSON."
          },
          "truncated": {
            "type": "boolean",
            "description": "Whether a context above is only a preview."
          },
          "keptFrom": {
            "description": "The run whose output this run took over, where it is a later one of an execution: the step did not run here, and cost nothing here. Absent for steps that ran.",
            "$ref": "#/components/schemas/ExecutionId"
          },
          "name": {
            "type": "string",
            "description": "The node's name."
          },
          "kind": {
            "$ref": "#/components/schemas/StepKind"
          },
          "parentStepId": {
            "description": "The container that the step stands in; null at the top level.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/StepPath"
              },
              {
                "type": "null"
              }
            ]
          },
          "loopPath": {
            "$ref": "#/components/schemas/LoopPath"
          }
        }
      },
      "Trace": {
        "type": "object",
        "description": "The run's log read as a tree. Adding up `steps` gives the latest attempts' cost, since rows of containers carry none.",
        "required": [
          "flowRun",
          "steps"
        ],
        "properties": {
          "flowRun": {
            "$ref": "#/components/schemas/FlowRun"
          },
          "steps": {
            "type": "array",
            "description": "The latest attempt of each step.",
            "items": {
              "$ref": "#/components/schemas/StepTrace"
            }
          }
        }
      },
      "AttemptSelector": {
        "description": "An attempt's number, or `all`.",
        "anyOf": [
          {
            "type": "integer",
            "minimum": 1
          },
          {
            "type": "string",
            "enum": [
              "all"
            ]
          }
        ]
      },
      "StepAttempts": {
        "type": "object",
        "description": "Every attempt of one step, the answer to `attempt=all`.",
        "required": [
          "stepId",
          "attempts"
        ],
        "properties": {
          "stepId": {
            "$ref": "#/components/schemas/StepPath"
          },
          "attempts": {
            "type": "array",
            "description": "In attempt order.",
            "items": {
              "$ref": "#/components/schemas/StepTrace"
            }
          }
        }
      },
      "StepTraceResponse": {
        "description": "One attempt, or with `attempt=all` every one.",
        "anyOf": [
          {
            "$ref": "#/components/schemas/StepTrace"
          },
          {
            "$ref": "#/components/schemas/StepAttempts"
          }
        ]
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
      "SessionStep": {
        "type": "object",
        "description": "One top-level node of a recorded run.",
        "required": [
          "stepId",
          "attempt",
          "loopIndex",
          "status",
          "startedAt",
          "completedAt",
          "durationMs",
          "inputSnapshot",
          "outputSnapshot",
          "errorSnapshot",
          "truncated"
        ],
        "properties": {
          "stepId": {
            "$ref": "#/components/schemas/StepId"
          },
          "attempt": {
            "type": "integer",
            "minimum": 1,
            "description": "The attempt that counted."
          },
          "loopIndex": {
            "type": [
              "integer",
              "null"
            ],
            "minimum": 0,
            "description": "Always null at the top level."
          },
          "status": {
            "$ref": "#/components/schemas/StepStatus"
          },
          "startedAt": {
            "description": "When it began.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/Timestamp"
              },
              {
                "type": "null"
              }
            ]
          },
          "completedAt": {
            "description": "When it ended.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/Timestamp"
              },
              {
                "type": "null"
              }
            ]
          },
          "durationMs": {
            "description": "Null while it runs.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/DurationMs"
              },
              {
                "type": "null"
              }
            ]
          },
          "inputSnapshot": {
            "description": "What it was given.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/JsonObject"
              },
              {
                "type": "null"
              }
            ]
          },
          "outputSnapshot": {
            "description": "What it gave.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/JsonObject"
              },
              {
                "type": "null"
              }
            ]
          },
          "errorSnapshot": {
            "description": "Why it failed.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/ErrorInfo"
              },
              {
                "type": "null"
              }
            ]
          },
          "truncated": {
            "type": "boolean",
            "description": "Whether a snapshot above is only a preview."
          }
        }
      },
      "SessionExecution": {
        "type": "object",
        "description": "One run of the session.",
        "required": [
          "executionId",
          "flowId",
          "slug",
          "triggerType",
          "status",
          "startedAt",
          "completedAt",
          "traceCaptureMode",
          "snapshotsAvailable",
          "errorAtStep",
          "steps"
        ],
        "properties": {
          "executionId": {
            "$ref": "#/components/schemas/ExecutionId"
          },
          "flowId": {
            "description": "The flow; null when it is gone.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/FlowId"
              },
              {
                "type": "null"
              }
            ]
          },
          "slug": {
            "type": [
              "string",
              "null"
            ],
            "description": "The flow's bare slug; null when the flow is gone."
          },
          "triggerType": {
            "description": "Which call started it.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/TriggerType"
              },
              {
                "type": "null"
              }
            ]
          },
          "status": {
            "type": "string",
            "description": "As the run's, but a paused or stale one reads `running`.",
            "enum": [
              "pending",
              "running",
              "completed",
              "failed",
              "cancelled"
            ]
          },
          "startedAt": {
            "description": "When its first step began.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/Timestamp"
              },
              {
                "type": "null"
              }
            ]
          },
          "completedAt": {
            "description": "When it ended.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/Timestamp"
              },
              {
                "type": "null"
              }
            ]
          },
          "traceCaptureMode": {
            "description": "The mode in effect for this run, `full` when it was traced.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/CaptureMode"
              },
              {
                "type": "null"
              }
            ]
          },
          "snapshotsAvailable": {
            "type": "boolean",
            "description": "Whether every top-level output is stored whole. Without it the run cannot be replayed."
          },
          "errorAtStep": {
            "description": "The step that ended the run; null when none did.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/StepId"
              },
              {
                "type": "null"
              }
            ]
          },
          "steps": {
            "type": "array",
            "description": "Top-level nodes only, the latest attempt of each, in the order of the tree. The last one's output is the result.",
            "items": {
              "$ref": "#/components/schemas/SessionStep"
            }
          }
        }
      },
      "SessionRecording": {
        "type": "object",
        "description": "What a session's runs did, enough to replay them.",
        "required": [
          "sessionId",
          "executions"
        ],
        "properties": {
          "sessionId": {
            "$ref": "#/components/schemas/SessionId"
          },
          "executions": {
            "type": "array",
            "description": "In recording order.",
            "items": {
              "$ref": "#/components/schemas/SessionExecution"
            }
          }
        }
      },
      "PageLimit": {
        "type": "integer",
        "description": "How many entries a page holds at most.",
        "minimum": 1,
        "maximum": 100,
        "default": 20
      },
      "PageCursor": {
        "type": "string",
        "description": "Where a list goes on. Opaque.",
        "minLength": 1,
        "maxLength": 512
      },
      "NextCursor": {
        "type": [
          "string",
          "null"
        ],
        "description": "What to send as `cursor` for the next page; null on the last one."
      },
      "FlowRunList": {
        "type": "object",
        "description": "A page of runs, newest first.",
        "required": [
          "items",
          "nextCursor"
        ],
        "properties": {
          "items": {
            "type": "array",
            "description": "The runs.",
            "items": {
              "$ref": "#/components/schemas/FlowRun"
            }
          },
          "nextCursor": {
            "$ref": "#/components/schemas/NextCursor"
          }
        }
      },
      "ExecutionStatus": {
        "type": "string",
        "description": "Where an execution stands. `queued`: stored, no worker yet. `running`: a worker holds it. `in_progress`: at least one step has started. `awaiting_input`: it waits for tool results. `cancel_requested`: it is being cancelled. `stale`: an edited output made later results out of date, or its worker was lost and no other may take it. `deleted` is told by changes only.",
        "enum": [
          "queued",
          "running",
          "in_progress",
          "awaiting_input",
          "cancel_requested",
          "completed",
          "failed",
          "cancelled",
          "stale",
          "deleted"
        ]
      },
      "ExecutionStatuses": {
        "type": "array",
        "description": "Some statuses.",
        "items": {
          "$ref": "#/components/schemas/ExecutionStatus"
        }
      },
      "FlowExecutionId": {
        "type": "string",
        "description": "Names one execution. It is also the id of its first run; treat it as opaque.",
        "minLength": 1,
        "maxLength": 200
      },
      "PublishedVersion": {
        "type": "integer",
        "description": "A published, immutable version. The first one is 1.",
        "minimum": 1,
        "maximum": 2147483647
      },
      "ExecutionFault": {
        "type": "object",
        "description": "Why an execution or a task failed.",
        "required": [
          "code",
          "message"
        ],
        "properties": {
          "code": {
            "type": "string",
            "description": "As in `ErrorCode`.",
            "pattern": "^[A-Z][A-Z0-9_]*$",
            "maxLength": 64
          },
          "message": {
            "type": "string",
            "description": "For people."
          },
          "step_id": {
            "description": "The node that failed.",
            "$ref": "#/components/schemas/StepPath"
          }
        }
      },
      "FlowExecution": {
        "type": "object",
        "description": "An execution.",
        "required": [
          "id",
          "flow_id",
          "flow_version",
          "input",
          "organization_id",
          "status",
          "created_at",
          "updated_at",
          "modified_by",
          "run_id"
        ],
        "properties": {
          "id": {
            "$ref": "#/components/schemas/FlowExecutionId"
          },
          "flow_id": {
            "$ref": "#/components/schemas/FlowId"
          },
          "flow_version": {
            "$ref": "#/components/schemas/PublishedVersion"
          },
          "input": {
            "description": "As it was completed. Empty a day after the end of the run, unless that was captured.",
            "$ref": "#/components/schemas/JsonObject"
          },
          "organization_id": {
            "description": "The organisation's slug.",
            "$ref": "#/components/schemas/Slug"
          },
          "status": {
            "$ref": "#/components/schemas/ExecutionStatus"
          },
          "created_at": {
            "$ref": "#/components/schemas/Timestamp"
          },
          "updated_at": {
            "description": "When its status, or an output of it, last changed.",
            "$ref": "#/components/schemas/Timestamp"
          },
          "modified_by": {
            "type": "string",
            "description": "The public id of the key that last changed it."
          },
          "run_id": {
            "description": "Its latest run. The run's trace is at `/flow-runs/{run_id}/trace`.",
            "$ref": "#/components/schemas/ExecutionId"
          },
          "run_number": {
            "type": "integer",
            "minimum": 1,
            "description": "Which run that is, counted from 1. Present when `include_run_number` asks for it."
          },
          "webhook_url": {
            "type": "string",
            "description": "Where its end is told. Absent when nowhere."
          },
          "result": {
            "description": "The last step's output, once the execution is completed. On reads of one execution only.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/JsonObject"
              },
              {
                "type": "null"
              }
            ]
          },
          "error": {
            "description": "Why it failed. On reads of one execution only.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/ExecutionFault"
              },
              {
                "type": "null"
              }
            ]
          }
        }
      },
      "FlowExecutionList": {
        "type": "array",
        "description": "A page of executions.",
        "items": {
          "$ref": "#/components/schemas/FlowExecution"
        }
      },
      "ExecutionErrorDetails": {
        "type": "object",
        "description": "What else there is to know.",
        "properties": {
          "issues": {
            "type": "array",
            "description": "Every fault of the request, not only the first.",
            "items": {
              "$ref": "#/components/schemas/Issue"
            }
          }
        }
      },
      "ExecutionErrorDetail": {
        "type": "object",
        "description": "One error. Never a stack, a statement of SQL, a key, or a body from elsewhere.",
        "required": [
          "code",
          "message"
        ],
        "properties": {
          "code": {
            "type": "string",
            "description": "Stable, for machines. One of `ErrorCode`.",
            "pattern": "^[A-Z][A-Z0-9_]*$",
            "maxLength": 64
          },
          "message": {
            "type": "string",
            "description": "For people, names what is wrong and what to do. It may change between releases."
          },
          "details": {
            "$ref": "#/components/schemas/ExecutionErrorDetails"
          }
        }
      },
      "ExecutionErrorResponse": {
        "type": "object",
        "description": "The body of every answer below `/flow-executions` and `/task-executions` that is not a success.",
        "required": [
          "error",
          "request_id"
        ],
        "properties": {
          "error": {
            "$ref": "#/components/schemas/ExecutionErrorDetail"
          },
          "request_id": {
            "type": "string",
            "description": "Names the request in the server's logs, as `X-Request-ID` does."
          }
        }
      },
      "FlowExecutionCreateRequest": {
        "type": "object",
        "description": "What to run.",
        "required": [
          "flow_id",
          "input"
        ],
        "properties": {
          "flow_id": {
            "description": "The flow's UUID. It must be active and published.",
            "$ref": "#/components/schemas/FlowId"
          },
          "input": {
            "description": "Checked against the flow's input schema, completed with its defaults, and otherwise passed on as it is.",
            "$ref": "#/components/schemas/JsonObject"
          },
          "webhook_url": {
            "type": [
              "string",
              "null"
            ],
            "description": "An https URL that is told, signed, how the execution ends.",
            "maxLength": 2048
          }
        }
      },
      "ChangesCursor": {
        "type": "string",
        "description": "A place among the status changes. Opaque.",
        "minLength": 1,
        "maxLength": 64
      },
      "ExecutionEventStream": {
        "type": "string",
        "description": "Server-sent events. The data of each `status_changed` is an `ExecutionChange`.",
        "contentMediaType": "text/event-stream",
        "contentSchema": {
          "type": "object",
          "description": "One frame, its `data` parsed.",
          "additionalProperties": false,
          "required": [
            "id",
            "event",
            "data"
          ],
          "properties": {
            "id": {
              "$ref": "#/components/schemas/ChangesCursor"
            },
            "event": {
              "type": "string",
              "enum": [
                "status_changed"
              ]
            },
            "data": {
              "$ref": "#/components/schemas/ExecutionChange"
            }
          }
        }
      },
      "TaskExecutionId": {
        "type": "string",
        "description": "Names one top-level step of one execution, whichever run it is in. Opaque.",
        "minLength": 1,
        "maxLength": 300
      },
      "TaskStatus": {
        "type": "string",
        "description": "Where a task stands. `queued`: it has not begun. `stale`: a step before it was edited since, or its run ended before it did.",
        "enum": [
          "queued",
          "in_progress",
          "awaiting_input",
          "completed",
          "failed",
          "cancelled",
          "stale"
        ]
      },
      "TaskExecution": {
        "type": "object",
        "description": "A top-level step of an execution, as its latest run left it. What lies inside a container is in the run's trace.",
        "required": [
          "id",
          "flow_execution_id",
          "run_id",
          "step_id",
          "name",
          "kind",
          "index",
          "status",
          "input",
          "output",
          "error",
          "tokens",
          "cost_usd",
          "duration_ms",
          "started_at",
          "completed_at",
          "kept_from_run_id",
          "edited_at"
        ],
        "properties": {
          "id": {
            "$ref": "#/components/schemas/TaskExecutionId"
          },
          "flow_execution_id": {
            "$ref": "#/components/schemas/FlowExecutionId"
          },
          "run_id": {
            "description": "The run that this is of.",
            "$ref": "#/components/schemas/ExecutionId"
          },
          "step_id": {
            "$ref": "#/components/schemas/StepId"
          },
          "name": {
            "type": "string",
            "description": "The node's name."
          },
          "kind": {
            "type": "string",
            "description": "The node's type.",
            "enum": [
              "llm",
              "code",
              "passthrough",
              "parallel",
              "loop",
              "branch",
              "flow"
            ]
          },
          "index": {
            "type": "integer",
            "minimum": 0,
            "description": "Its place among the flow's top-level steps, from 0."
          },
          "status": {
            "$ref": "#/components/schemas/TaskStatus"
          },
          "input": {
            "description": "Null where the capture mode does not show it.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/JsonObject"
              },
              {
                "type": "null"
              }
            ]
          },
          "output": {
            "description": "Null where there is none and where the capture mode does not show it.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/JsonObject"
              },
              {
                "type": "null"
              }
            ]
          },
          "error": {
            "description": "Why it failed.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/ExecutionFault"
              },
              {
                "type": "null"
              }
            ]
          },
          "tokens": {
            "description": "Of its latest attempt; null for steps that call no model.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/TokenCounts"
              },
              {
                "type": "null"
              }
            ]
          },
          "cost_usd": {
            "description": "Likewise. Null too for a step whose output was kept, because nothing was paid for it in this run.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/CostUsd"
              },
              {
                "type": "null"
              }
            ]
          },
          "duration_ms": {
            "description": "Likewise.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/DurationMs"
              },
              {
                "type": "null"
              }
            ]
          },
          "started_at": {
            "description": "Null before it begins.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/Timestamp"
              },
              {
                "type": "null"
              }
            ]
          },
          "completed_at": {
            "description": "Null before it ends.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/Timestamp"
              },
              {
                "type": "null"
              }
            ]
          },
          "kept_from_run_id": {
            "description": "The run whose output this run took over; null when the step ran itself.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/ExecutionId"
              },
              {
                "type": "null"
              }
            ]
          },
          "edited_at": {
            "description": "When its output was replaced since that run; null when it was not.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/Timestamp"
              },
              {
                "type": "null"
              }
            ]
          }
        }
      },
      "TaskExecutionList": {
        "type": "array",
        "description": "An execution's tasks, in the flow's order.",
        "items": {
          "$ref": "#/components/schemas/TaskExecution"
        }
      },
      "TaskOutputRequest": {
        "type": "object",
        "description": "A new output for a task.",
        "required": [
          "output"
        ],
        "properties": {
          "output": {
            "description": "An object, as outputs are.",
            "$ref": "#/components/schemas/JsonObject"
          }
        }
      },
      "KeyId": {
        "type": "string",
        "description": "The public part of a key.",
        "pattern": "^[A-Za-z0-9]{8}$"
      },
      "KeyMode": {
        "type": "string",
        "description": "Which prefix the key carries, `nk_live_` or `nk_test_`. It changes nothing else.",
        "enum": [
          "live",
          "test"
        ]
      },
      "KeyScope": {
        "type": "string",
        "description": "What a key may do. `run`: run flows, follow and cancel runs. `trace:read`: read traces, run lists and sessions. `flow:write`: read and change definitions. `flow:promote`: move the production pointer. `key:write`: make, list and revoke keys. `admin`: all of these, and the project's credits.",
        "enum": [
          "run",
          "trace:read",
          "flow:write",
          "flow:promote",
          "key:write",
          "admin"
        ]
      },
      "ApiKey": {
        "type": "object",
        "description": "A key without its secret.",
        "required": [
          "id",
          "name",
          "mode",
          "org",
          "project",
          "scopes",
          "createdAt",
          "expiresAt"
        ],
        "properties": {
          "id": {
            "$ref": "#/components/schemas/KeyId"
          },
          "name": {
            "type": "string",
            "description": "What its maker called it."
          },
          "mode": {
            "$ref": "#/components/schemas/KeyMode"
          },
          "org": {
            "description": "The organisation's slug.",
            "$ref": "#/components/schemas/Slug"
          },
          "project": {
            "description": "The one project that it opens; null for a key of the whole organisation.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/Slug"
              },
              {
                "type": "null"
              }
            ]
          },
          "scopes": {
            "type": "array",
            "description": "What it may do.",
            "items": {
              "$ref": "#/components/schemas/KeyScope"
            }
          },
          "createdAt": {
            "$ref": "#/components/schemas/Timestamp"
          },
          "expiresAt": {
            "description": "When it ceases to work; null = never.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/Timestamp"
              },
              {
                "type": "null"
              }
            ]
          },
          "lastUsedAt": {
            "description": "To the minute; null = never used. Absent from a server that does not record it.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/Timestamp"
              },
              {
                "type": "null"
              }
            ]
          }
        }
      },
      "KeyList": {
        "type": "object",
        "description": "The project's keys, newest first, revoked ones left out.",
        "required": [
          "items"
        ],
        "properties": {
          "items": {
            "type": "array",
            "description": "The keys.",
            "items": {
              "$ref": "#/components/schemas/ApiKey"
            }
          }
        }
      },
      "KeyCreateRequest": {
        "type": "object",
        "description": "A new key for the project of the key that asks. It cannot be given a scope that the asking key lacks.",
        "required": [
          "name"
        ],
        "properties": {
          "name": {
            "type": "string",
            "minLength": 1,
            "maxLength": 100,
            "description": "What to call it."
          },
          "mode": {
            "description": "Absent = `live`.",
            "$ref": "#/components/schemas/KeyMode"
          },
          "scopes": {
            "type": [
              "array",
              "null"
            ],
            "description": "Absent = `run` and `trace:read`.",
            "items": {
              "$ref": "#/components/schemas/KeyScope"
            }
          },
          "expiresAt": {
            "type": [
              "string",
              "null"
            ],
            "format": "date-time",
            "description": "Absent = never."
          },
          "organisation": {
            "type": [
              "boolean",
              "null"
            ],
            "description": "True for a key that opens every project of the organisation, those made later too. Only such a key, or the operator's of a server with one organisation, can make one. Absent = false."
          }
        }
      },
      "CreatedKey": {
        "type": "object",
        "description": "A new key with its secret, which is shown this once.",
        "required": [
          "key",
          "secret"
        ],
        "properties": {
          "key": {
            "$ref": "#/components/schemas/ApiKey"
          },
          "secret": {
            "type": "string",
            "description": "The whole key, as it goes behind `Bearer`. Only its hash is stored.",
            "pattern": "^nk_(live|test)_[A-Za-z0-9]{8}_[A-Za-z0-9]{32}$"
          }
        }
      },
      "FlowKind": {
        "type": "string",
        "description": "How the flow is called: `seq` flows live under `/seq`.",
        "enum": [
          "seq"
        ]
      },
      "Flow": {
        "type": "object",
        "description": "A flow, its draft and its production pointer.",
        "required": [
          "id",
          "org",
          "project",
          "slug",
          "name",
          "description",
          "kind",
          "latestVersion",
          "productionVersion",
          "draftUpdatedAt",
          "createdAt",
          "archivedAt"
        ],
        "properties": {
          "id": {
            "$ref": "#/components/schemas/FlowId"
          },
          "org": {
            "description": "The organisation's slug.",
            "$ref": "#/components/schemas/Slug"
          },
          "project": {
            "description": "The project's slug.",
            "$ref": "#/components/schemas/Slug"
          },
          "slug": {
            "description": "Its own slug.",
            "$ref": "#/components/schemas/Slug"
          },
          "name": {
            "type": "string",
            "description": "For people."
          },
          "description": {
            "type": [
              "string",
              "null"
            ],
            "description": "For people."
          },
          "kind": {
            "$ref": "#/components/schemas/FlowKind"
          },
          "latestVersion": {
            "description": "The newest published version; null when none was published.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/PublishedVersion"
              },
              {
                "type": "null"
              }
            ]
          },
          "productionVersion": {
            "description": "What a path without a version segment runs; null = none was promoted, and the draft runs.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/PublishedVersion"
              },
              {
                "type": "null"
              }
            ]
          },
          "draftUpdatedAt": {
            "$ref": "#/components/schemas/Timestamp"
          },
          "createdAt": {
            "$ref": "#/components/schemas/Timestamp"
          },
          "archivedAt": {
            "description": "When it was archived; null = it is active.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/Timestamp"
              },
              {
                "type": "null"
              }
            ]
          }
        }
      },
      "FlowList": {
        "type": "object",
        "description": "A page of the project's active flows, by slug.",
        "required": [
          "items",
          "nextCursor"
        ],
        "properties": {
          "items": {
            "type": "array",
            "description": "The flows.",
            "items": {
              "$ref": "#/components/schemas/Flow"
            }
          },
          "nextCursor": {
            "$ref": "#/components/schemas/NextCursor"
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
          "$ref": "#/components/schemas/RedactionRule"
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
      "StepName": {
        "type": "string",
        "description": "For people. Absent = the step's `id`.",
        "minLength": 1,
        "maxLength": 200
      },
      "StepDescription": {
        "type": "string",
        "description": "For people.",
        "maxLength": 2000
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
            "$ref": "#/components/schemas/StepId"
          },
          "name": {
            "$ref": "#/components/schemas/StepName"
          },
          "description": {
            "$ref": "#/components/schemas/StepDescription"
          },
          "type": {
            "type": "string",
            "enum": [
              "llm"
            ],
            "description": "The kind of node."
          },
          "model": {
            "$ref": "#/components/schemas/ModelName"
          },
          "system": {
            "description": "The system prompt.",
            "$ref": "#/components/schemas/Template"
          },
          "prompt": {
            "description": "The user's turn.",
            "$ref": "#/components/schemas/Template"
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
            "$ref": "#/components/schemas/JsonSchema"
          },
          "timeoutMs": {
            "$ref": "#/components/schemas/TimeoutMs"
          },
          "retry": {
            "$ref": "#/components/schemas/RetryPolicy"
          },
          "fallback": {
            "type": "array",
            "description": "Models to ask in turn when the one before failed for good.",
            "maxItems": 10,
            "items": {
              "$ref": "#/components/schemas/ModelName"
            }
          }
        }
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
            "$ref": "#/components/schemas/StepId"
          },
          "name": {
            "$ref": "#/components/schemas/StepName"
          },
          "description": {
            "$ref": "#/components/schemas/StepDescription"
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
            "$ref": "#/components/schemas/TimeoutMs"
          },
          "retry": {
            "$ref": "#/components/schemas/RetryPolicy"
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
            "$ref": "#/components/schemas/StepId"
          },
          "name": {
            "$ref": "#/components/schemas/StepName"
          },
          "description": {
            "$ref": "#/components/schemas/StepDescription"
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
      "Steps": {
        "type": "array",
        "description": "A sequence. Each step's input is the output of the one before; the first one's is its container's.",
        "minItems": 1,
        "items": {
          "$ref": "#/components/schemas/Step"
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
            "$ref": "#/components/schemas/StepId"
          },
          "name": {
            "$ref": "#/components/schemas/StepName"
          },
          "description": {
            "$ref": "#/components/schemas/StepDescription"
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
            "$ref": "#/components/schemas/Steps"
          }
        }
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
            "$ref": "#/components/schemas/StepId"
          },
          "name": {
            "$ref": "#/components/schemas/StepName"
          },
          "description": {
            "$ref": "#/components/schemas/StepDescription"
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
              "$ref": "#/components/schemas/StepId"
            },
            "additionalProperties": {
              "$ref": "#/components/schemas/Steps"
            }
          }
        }
      },
      "Expression": {
        "type": "string",
        "description": "A CEL expression over the input's fields, `initial`, `steps`, `item` and `index`. Values are bound, never pasted in as text.",
        "minLength": 1,
        "maxLength": 4096
      },
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
            "$ref": "#/components/schemas/Expression"
          },
          "steps": {
            "$ref": "#/components/schemas/Steps"
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
            "$ref": "#/components/schemas/StepId"
          },
          "name": {
            "$ref": "#/components/schemas/StepName"
          },
          "description": {
            "$ref": "#/components/schemas/StepDescription"
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
              "$ref": "#/components/schemas/BranchCase"
            }
          },
          "else": {
            "$ref": "#/components/schemas/Steps"
          }
        }
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
            "$ref": "#/components/schemas/StepId"
          },
          "name": {
            "$ref": "#/components/schemas/StepName"
          },
          "description": {
            "$ref": "#/components/schemas/StepDescription"
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
            "$ref": "#/components/schemas/Slug"
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
                "$ref": "#/components/schemas/PublishedVersion"
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
      "Step": {
        "description": "One node of the tree. `type` says which kind.",
        "oneOf": [
          {
            "$ref": "#/components/schemas/LlmStep"
          },
          {
            "$ref": "#/components/schemas/CodeStep"
          },
          {
            "$ref": "#/components/schemas/PassthroughStep"
          },
          {
            "$ref": "#/components/schemas/LoopStep"
          },
          {
            "$ref": "#/components/schemas/ParallelStep"
          },
          {
            "$ref": "#/components/schemas/BranchStep"
          },
          {
            "$ref": "#/components/schemas/FlowStep"
          }
        ],
        "discriminator": {
          "propertyName": "type",
          "mapping": {
            "llm": "#/components/schemas/LlmStep",
            "code": "#/components/schemas/CodeStep",
            "passthrough": "#/components/schemas/PassthroughStep",
            "loop": "#/components/schemas/LoopStep",
            "parallel": "#/components/schemas/ParallelStep",
            "branch": "#/components/schemas/BranchStep",
            "flow": "#/components/schemas/FlowStep"
          }
        }
      },
      "FlowDefinition": {
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
            "$ref": "#/components/schemas/CaptureMode"
          },
          "redact": {
            "description": "What the capture mode `redacted` hides of this flow, beside keys, e-mail addresses, card numbers and what the project names.",
            "$ref": "#/components/schemas/RedactionRules"
          },
          "retention": {
            "description": "How long this flow's runs are kept. Absent = as the project says, for ever when it says nothing.",
            "$ref": "#/components/schemas/Retention"
          },
          "input": {
            "description": "The JSON Schema of an object, the flow's input. `message` fills its property of that name, else its first one. Absent = one optional string `message`.",
            "$ref": "#/components/schemas/JsonSchema"
          },
          "steps": {
            "description": "The top level. Each node is one `stepIndex`.",
            "$ref": "#/components/schemas/Steps"
          }
        }
      },
      "FlowCreateRequest": {
        "type": "object",
        "description": "A new flow.",
        "required": [
          "slug",
          "definition"
        ],
        "properties": {
          "slug": {
            "$ref": "#/components/schemas/Slug"
          },
          "name": {
            "type": [
              "string",
              "null"
            ],
            "maxLength": 200,
            "description": "Absent = the definition's name, else the slug."
          },
          "description": {
            "type": [
              "string",
              "null"
            ],
            "maxLength": 2000,
            "description": "For people."
          },
          "definition": {
            "description": "Its first draft.",
            "$ref": "#/components/schemas/FlowDefinition"
          }
        }
      },
      "FlowDraft": {
        "type": "object",
        "description": "The definition that may still change. Null when none was written yet.",
        "required": [
          "draft"
        ],
        "properties": {
          "draft": {
            "description": "The draft; null when none was written yet.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/FlowDefinition"
              },
              {
                "type": "null"
              }
            ]
          }
        }
      },
      "FlowDetail": {
        "description": "A flow with its draft.",
        "allOf": [
          {
            "$ref": "#/components/schemas/Flow"
          },
          {
            "$ref": "#/components/schemas/FlowDraft"
          }
        ]
      },
      "DraftUpdateRequest": {
        "type": "object",
        "description": "The whole new draft.",
        "required": [
          "definition"
        ],
        "properties": {
          "definition": {
            "$ref": "#/components/schemas/FlowDefinition"
          }
        }
      },
      "FlowValidateRequest": {
        "type": "object",
        "description": "What to check.",
        "properties": {
          "definition": {
            "description": "Absent = the stored draft. Anything is taken here, so that every fault can be reported."
          }
        }
      },
      "ValidationReport": {
        "type": "object",
        "description": "Every fault of a definition, each with its place and its fix.",
        "required": [
          "valid",
          "issues"
        ],
        "properties": {
          "valid": {
            "type": "boolean",
            "description": "Whether it could be published as it is."
          },
          "issues": {
            "type": "array",
            "description": "Empty when it is valid.",
            "items": {
              "$ref": "#/components/schemas/Issue"
            }
          }
        }
      },
      "FlowVersion": {
        "type": "object",
        "description": "A published version. It never changes.",
        "required": [
          "version",
          "note",
          "hash",
          "publishedAt"
        ],
        "properties": {
          "version": {
            "$ref": "#/components/schemas/PublishedVersion"
          },
          "note": {
            "type": [
              "string",
              "null"
            ],
            "description": "What its publisher said of it."
          },
          "hash": {
            "type": "string",
            "description": "SHA-256 of the definition's text. Runs are pinned to it.",
            "pattern": "^[0-9a-f]{64}$"
          },
          "publishedAt": {
            "$ref": "#/components/schemas/Timestamp"
          }
        }
      },
      "FlowVersionList": {
        "type": "object",
        "description": "A page of versions, newest first.",
        "required": [
          "items",
          "nextCursor"
        ],
        "properties": {
          "items": {
            "type": "array",
            "description": "The versions.",
            "items": {
              "$ref": "#/components/schemas/FlowVersion"
            }
          },
          "nextCursor": {
            "$ref": "#/components/schemas/NextCursor"
          }
        }
      },
      "PublishRequest": {
        "type": "object",
        "description": "Publishes the draft as the next version.",
        "properties": {
          "note": {
            "type": [
              "string",
              "null"
            ],
            "maxLength": 2000,
            "description": "What changed, for people."
          }
        }
      },
      "PromoteRequest": {
        "type": "object",
        "description": "Moves the production pointer, forward or back.",
        "required": [
          "version"
        ],
        "properties": {
          "version": {
            "$ref": "#/components/schemas/PublishedVersion"
          }
        }
      },
      "Balance": {
        "type": "string",
        "description": "US dollars as an exact decimal string; below zero where the steps in flight cost more than was left.",
        "pattern": "^-?\\d+(\\.\\d+)?$",
        "maxLength": 60,
        "examples": [
          "24.999588"
        ]
      },
      "Credits": {
        "type": "object",
        "description": "A project's account. Runs are charged what their traces say, over all attempts.",
        "required": [
          "balanceUsd",
          "spentUsd"
        ],
        "properties": {
          "balanceUsd": {
            "description": "What is left; null = there is no bound.",
            "anyOf": [
              {
                "$ref": "#/components/schemas/Balance"
              },
              {
                "type": "null"
              }
            ]
          },
          "spentUsd": {
            "description": "What all runs have cost so far. Calls whose price is not known count nothing.",
            "$ref": "#/components/schemas/Balance"
          }
        }
      },
      "Amount": {
        "type": "string",
        "description": "US dollars as a decimal string, never negative. At most twelve digits before the point and twelve behind it.",
        "pattern": "^\\d{1,12}(\\.\\d{1,12})?$",
        "examples": [
          "25.50"
        ]
      },
      "CreditsSetRequest": {
        "type": "object",
        "description": "A new balance in place of what is left.",
        "required": [
          "balanceUsd"
        ],
        "properties": {
          "balanceUsd": {
            "$ref": "#/components/schemas/Amount"
          }
        }
      },
      "CreditsAddRequest": {
        "type": "object",
        "description": "Credits on top of what is left.",
        "required": [
          "amountUsd"
        ],
        "properties": {
          "amountUsd": {
            "$ref": "#/components/schemas/Amount"
          }
        }
      },
      "Health": {
        "type": "object",
        "description": "The process is up.",
        "required": [
          "status"
        ],
        "properties": {
          "status": {
            "type": "string",
            "enum": [
              "ok"
            ],
            "description": "Always `ok`."
          }
        }
      },
      "Readiness": {
        "type": "object",
        "description": "Whether this process should be given work.",
        "required": [
          "status",
          "checks"
        ],
        "properties": {
          "status": {
            "type": "string",
            "enum": [
              "ready",
              "starting",
              "draining",
              "degraded"
            ],
            "description": "Only `ready` takes new calls."
          },
          "checks": {
            "type": "object",
            "description": "Check → `ok`, or what is wrong with it.",
            "additionalProperties": {
              "type": "string"
            }
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
            "$ref": "#/components/schemas/UsdAmount"
          }
        }
      }
    },
    "parameters": {
      "org": {
        "name": "org",
        "in": "path",
        "required": true,
        "description": "The organisation's slug.",
        "schema": {
          "$ref": "#/components/schemas/Slug"
        },
        "example": "acme"
      },
      "project": {
        "name": "project",
        "in": "path",
        "required": true,
        "description": "The project's slug. A path outside the key's project is refused with 403, without a look-up.",
        "schema": {
          "$ref": "#/components/schemas/Slug"
        },
        "example": "spelling"
      },
      "flow": {
        "name": "flow",
        "in": "path",
        "required": true,
        "description": "The flow's slug.",
        "schema": {
          "$ref": "#/components/schemas/Slug"
        },
        "example": "grade-3"
      },
      "apiVersion": {
        "name": "X-Noukai-API-Version",
        "in": "header",
        "description": "The contract's date that the client was written for. Never a reason to refuse a call.",
        "schema": {
          "type": "string",
          "maxLength": 64
        },
        "example": "2026-05-31"
      },
      "session": {
        "name": "X-Session-Id",
        "in": "header",
        "description": "Groups runs into a session, which can be replayed. A UUID. Sent with the call that creates a run; a resume and later `/step` segments inherit it from their execution and need not repeat it.",
        "schema": {
          "$ref": "#/components/schemas/SessionId"
        },
        "example": "5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c"
      },
      "idempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Makes the call safe to repeat for 24 hours within the project. Same key and same body: the same execution and the same answer, also while it is still running. Same key and another body: 422 `IDEMPOTENCY_KEY_REUSED`. Only calls that created or resumed a run are remembered.",
        "schema": {
          "$ref": "#/components/schemas/IdempotencyKey"
        },
        "example": "4e0f6c1a-9b7d-4f5e-8a32-6d1c0b9e7f84"
      },
      "onDisconnect": {
        "name": "X-Noukai-On-Disconnect",
        "in": "header",
        "description": "What becomes of the run when the caller's connection goes. `continue`: it runs on and can be watched or resumed; a server cannot tell an abort from a cut cable. `cancel`: it is cancelled.",
        "schema": {
          "type": "string",
          "enum": [
            "continue",
            "cancel"
          ],
          "default": "continue"
        },
        "example": "continue"
      },
      "version": {
        "name": "version",
        "in": "path",
        "required": true,
        "description": "`0` is the draft as it is now; N ≥ 1 is published version N. Written without a space or sign behind the `v`: `/v3/execute`.",
        "schema": {
          "$ref": "#/components/schemas/VersionNumber"
        },
        "example": 3
      },
      "lastEventId": {
        "name": "Last-Event-ID",
        "in": "header",
        "description": "The `id` of the last frame seen. The stream goes on with every logged event after it, each once and in order, then with the text so far of each step still open, then live.",
        "schema": {
          "$ref": "#/components/schemas/EventCursor"
        },
        "example": 7
      },
      "executionId": {
        "name": "executionId",
        "in": "path",
        "required": true,
        "description": "The run's id, from any answer's `executionId` or from `X-Noukai-Execution-Id`.",
        "schema": {
          "$ref": "#/components/schemas/ExecutionId"
        },
        "example": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10"
      },
      "stepId": {
        "name": "stepId",
        "in": "path",
        "required": true,
        "description": "The `id` of a node in the flow's definition.",
        "schema": {
          "$ref": "#/components/schemas/StepPath"
        },
        "example": "check"
      },
      "attempt": {
        "name": "attempt",
        "in": "query",
        "description": "Which attempt of the step: absent = the latest, an integer from 1 = that one, `all` = every one, which answers `StepAttempts`.",
        "schema": {
          "$ref": "#/components/schemas/AttemptSelector"
        },
        "example": 2
      },
      "loopIndex": {
        "name": "loop_index",
        "in": "query",
        "description": "Which pass of the innermost loop around the step, from 0. Absent = the step outside a loop, or the last pass.",
        "schema": {
          "type": "integer",
          "minimum": 0
        },
        "example": 3
      },
      "sessionId": {
        "name": "sessionId",
        "in": "path",
        "required": true,
        "description": "The UUID that the runs were recorded under.",
        "schema": {
          "$ref": "#/components/schemas/SessionId"
        },
        "example": "5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c"
      },
      "flowId": {
        "name": "flow_id",
        "in": "query",
        "description": "Only runs of this flow. Absent = every flow of the key's project.",
        "schema": {
          "$ref": "#/components/schemas/FlowId"
        },
        "example": "0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31"
      },
      "limit": {
        "name": "limit",
        "in": "query",
        "description": "How many entries at most.",
        "schema": {
          "$ref": "#/components/schemas/PageLimit"
        },
        "example": 50
      },
      "statusFilter": {
        "name": "status",
        "in": "query",
        "description": "Only runs in this status.",
        "schema": {
          "$ref": "#/components/schemas/RunStatus"
        },
        "example": "failed"
      },
      "cursor": {
        "name": "cursor",
        "in": "query",
        "description": "`nextCursor` of the page before. Opaque; valid for the same filters only.",
        "schema": {
          "$ref": "#/components/schemas/PageCursor"
        },
        "example": "eyJpZCI6IjAxOTlmM2MyLTdhNDEifQ"
      },
      "flowRunId": {
        "name": "flowRunId",
        "in": "path",
        "required": true,
        "description": "The run's id. The same id as `executionId`.",
        "schema": {
          "$ref": "#/components/schemas/ExecutionId"
        },
        "example": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10"
      },
      "executionFlowId": {
        "name": "flow_id",
        "in": "query",
        "required": true,
        "description": "The flow whose executions to list.",
        "schema": {
          "$ref": "#/components/schemas/FlowId"
        },
        "example": "0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31"
      },
      "executionStatuses": {
        "name": "status[]",
        "in": "query",
        "description": "Only executions in one of these. `status` is read too.",
        "schema": {
          "$ref": "#/components/schemas/ExecutionStatuses"
        },
        "example": [
          "running",
          "in_progress"
        ]
      },
      "executionStatusesExcluded": {
        "name": "status_exclude[]",
        "in": "query",
        "description": "Only executions in none of these. `status_exclude` is read too.",
        "schema": {
          "$ref": "#/components/schemas/ExecutionStatuses"
        },
        "example": [
          "failed"
        ]
      },
      "executionSortField": {
        "name": "sort_field",
        "in": "query",
        "description": "What to sort by.",
        "schema": {
          "type": "string",
          "enum": [
            "created_at",
            "updated_at"
          ],
          "default": "updated_at"
        },
        "example": "created_at"
      },
      "executionSortDirection": {
        "name": "sort_direction",
        "in": "query",
        "description": "Which way.",
        "schema": {
          "type": "string",
          "enum": [
            "asc",
            "desc"
          ],
          "default": "desc"
        },
        "example": "asc"
      },
      "page": {
        "name": "page",
        "in": "query",
        "description": "Which page, from 1.",
        "schema": {
          "type": "integer",
          "minimum": 1,
          "maximum": 10000,
          "default": 1
        },
        "example": 2
      },
      "pageSize": {
        "name": "page_size",
        "in": "query",
        "description": "How many executions a page holds at most.",
        "schema": {
          "type": "integer",
          "minimum": 1,
          "maximum": 1000,
          "default": 10
        },
        "example": 50
      },
      "startFromExecutionId": {
        "name": "start_from_execution_id",
        "in": "query",
        "description": "The list goes on behind this execution; `page` counts from there.",
        "schema": {
          "$ref": "#/components/schemas/FlowExecutionId"
        },
        "example": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10"
      },
      "createdAfter": {
        "name": "created_after",
        "in": "query",
        "description": "Only executions that were made after this moment.",
        "schema": {
          "$ref": "#/components/schemas/Timestamp"
        },
        "example": "2026-11-20T09:30:00.000Z"
      },
      "createdBefore": {
        "name": "created_before",
        "in": "query",
        "description": "Only executions that were made before this moment.",
        "schema": {
          "$ref": "#/components/schemas/Timestamp"
        },
        "example": "2026-11-20T09:30:00.000Z"
      },
      "updatedAfter": {
        "name": "updated_after",
        "in": "query",
        "description": "Only executions that were last changed after this moment.",
        "schema": {
          "$ref": "#/components/schemas/Timestamp"
        },
        "example": "2026-11-20T09:30:00.000Z"
      },
      "updatedBefore": {
        "name": "updated_before",
        "in": "query",
        "description": "Only executions that were last changed before this moment.",
        "schema": {
          "$ref": "#/components/schemas/Timestamp"
        },
        "example": "2026-11-20T09:30:00.000Z"
      },
      "includeRunNumber": {
        "name": "include_run_number",
        "in": "query",
        "description": "Whether to tell `run_number`.",
        "schema": {
          "type": "boolean",
          "default": false
        },
        "example": true
      },
      "changesCursor": {
        "name": "cursor",
        "in": "query",
        "description": "Resumes behind this change.",
        "schema": {
          "$ref": "#/components/schemas/ChangesCursor"
        },
        "example": "0-42"
      },
      "changesFlowId": {
        "name": "flow_id",
        "in": "query",
        "description": "Only changes of this flow's executions. Absent = of every flow that the key opens.",
        "schema": {
          "$ref": "#/components/schemas/FlowId"
        },
        "example": "0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31"
      },
      "flowExecutionId": {
        "name": "flowExecutionId",
        "in": "path",
        "required": true,
        "description": "The execution's id.",
        "schema": {
          "$ref": "#/components/schemas/FlowExecutionId"
        },
        "example": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10"
      },
      "onlyStale": {
        "name": "only_stale",
        "in": "query",
        "description": "Run only what is out of date.",
        "schema": {
          "type": "boolean",
          "default": false
        },
        "example": true
      },
      "lastChangeId": {
        "name": "Last-Event-ID",
        "in": "header",
        "description": "The `id` of the last change seen.",
        "schema": {
          "$ref": "#/components/schemas/ChangesCursor"
        },
        "example": "0-42"
      },
      "taskFlowExecutionId": {
        "name": "flow_execution_id",
        "in": "query",
        "required": true,
        "description": "The execution whose tasks to list.",
        "schema": {
          "$ref": "#/components/schemas/FlowExecutionId"
        },
        "example": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10"
      },
      "taskExecutionId": {
        "name": "taskExecutionId",
        "in": "path",
        "required": true,
        "description": "The task's id.",
        "schema": {
          "$ref": "#/components/schemas/TaskExecutionId"
        },
        "example": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10:check"
      },
      "executeFlow": {
        "name": "execute_flow",
        "in": "query",
        "description": "Run what becomes stale at once.",
        "schema": {
          "type": "boolean",
          "default": false
        },
        "example": true
      },
      "keyId": {
        "name": "keyId",
        "in": "path",
        "required": true,
        "description": "The key's public id, the eight characters behind `nk_live_` or `nk_test_`.",
        "schema": {
          "$ref": "#/components/schemas/KeyId"
        },
        "example": "k7Qm2xVa"
      }
    },
    "requestBodies": {
      "Execute": {
        "required": true,
        "description": "The flow's input, or the resume fields of a pause. An empty object runs a flow that requires no input.",
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/ExecuteRequest"
            },
            "examples": {
              "message": {
                "summary": "One message",
                "value": {
                  "message": "I recieve to seperate parcels tomorow."
                }
              },
              "parameters": {
                "summary": "Named inputs and one step's override",
                "value": {
                  "message": null,
                  "parameters": {
                    "message": "I recieve to seperate parcels.",
                    "difficulty": "hard"
                  },
                  "blockOverrides": {
                    "check": {
                      "model": "openai/gpt-5-mini",
                      "temperature": 0
                    }
                  },
                  "trace": true
                }
              },
              "conversation": {
                "summary": "A conversation with an image and tools",
                "value": {
                  "messages": [
                    {
                      "role": "user",
                      "content": "I packed for rain.",
                      "name": "mia"
                    },
                    {
                      "role": "assistant",
                      "content": null,
                      "toolCalls": [
                        {
                          "id": "call_1aaB",
                          "type": "function",
                          "function": {
                            "name": "get_weather",
                            "arguments": "{\"place\":\"Paris\"}"
                          }
                        }
                      ]
                    },
                    {
                      "role": "tool",
                      "content": "{\"sky\":\"rain\"}",
                      "toolCallId": "call_1aaB"
                    },
                    {
                      "role": "assistant",
                      "content": "Good choice, it rains in Paris."
                    },
                    {
                      "role": "user",
                      "content": [
                        {
                          "type": "text",
                          "text": "And does this jacket do for Lyon?"
                        }
                      ]
                    }
                  ],
                  "attachments": [
                    {
                      "kind": "url",
                      "url": "https://images.example.org/jacket-4711.webp",
                      "mimeType": "image/webp",
                      "filename": "jacket.webp"
                    }
                  ],
                  "tools": [
                    {
                      "type": "function",
                      "function": {
                        "name": "get_weather",
                        "description": "The weather at a place, now.",
                        "parameters": {
                          "type": "object",
                          "properties": {
                            "place": {
                              "type": "string"
                            }
                          },
                          "required": [
                            "place"
                          ]
                        },
                        "strict": true
                      }
                    }
                  ],
                  "toolChoice": "auto"
                }
              },
              "resume": {
                "summary": "The resume of a tool-call pause",
                "value": {
                  "message": null,
                  "parameters": {
                    "message": "What should I wear in Lyon today?"
                  },
                  "tools": [
                    {
                      "type": "function",
                      "function": {
                        "name": "get_weather",
                        "description": "The weather at a place, now.",
                        "parameters": {
                          "type": "object",
                          "properties": {
                            "place": {
                              "type": "string"
                            }
                          },
                          "required": [
                            "place"
                          ]
                        },
                        "strict": true
                      }
                    }
                  ],
                  "toolChoice": {
                    "type": "function",
                    "function": {
                      "name": "get_weather"
                    }
                  },
                  "executionId": "0199f3c4-1b60-7c55-a2f3-8d07e91b6c24",
                  "pausedAtStep": "advise",
                  "iterationsUsed": 1,
                  "toolCallMessages": [
                    {
                      "role": "user",
                      "content": "What should I wear in Lyon today?"
                    },
                    {
                      "role": "assistant",
                      "content": null,
                      "tool_calls": [
                        {
                          "id": "call_7hQ2",
                          "type": "function",
                          "function": {
                            "name": "get_weather",
                            "arguments": "{\"place\":\"Lyon\"}"
                          }
                        }
                      ]
                    },
                    {
                      "role": "tool",
                      "tool_call_id": "call_7hQ2",
                      "content": "{\"sky\":\"clear\",\"celsius\":11}"
                    }
                  ],
                  "accumulatedOutputs": {}
                }
              }
            }
          }
        }
      },
      "Step": {
        "required": true,
        "description": "The flow's input on the first segment; the cursor on every later one.",
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/StepRequest"
            },
            "examples": {
              "first": {
                "summary": "First segment",
                "value": {
                  "stepIndex": 0,
                  "message": "I recieve to seperate parcels tomorow.",
                  "parameters": {
                    "difficulty": "hard"
                  },
                  "trace": false
                }
              },
              "later": {
                "summary": "A later segment",
                "value": {
                  "executionId": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10",
                  "stepIndex": 1,
                  "accumulatedOutputs": {
                    "check": {
                      "mistakes": [
                        "recieve",
                        "seperate"
                      ]
                    }
                  },
                  "inputOverrides": {
                    "check": {
                      "mistakes": [
                        "recieve"
                      ]
                    }
                  }
                }
              },
              "whole": {
                "summary": "The whole flow on one stream",
                "value": {
                  "runRemaining": true,
                  "parameters": {
                    "message": "I recieve to seperate parcels tomorow."
                  },
                  "blockOverrides": {
                    "check": {
                      "temperature": 0
                    }
                  },
                  "attachments": [
                    {
                      "url": "https://images.example.org/homework-12.png",
                      "mimeType": "image/png"
                    }
                  ]
                }
              },
              "resume": {
                "summary": "The resume of a tool-call pause",
                "value": {
                  "executionId": "0199f3c4-1b60-7c55-a2f3-8d07e91b6c24",
                  "stepIndex": 0,
                  "iterationsUsed": 1,
                  "toolCallMessages": [
                    {
                      "role": "user",
                      "content": "What should I wear in Lyon today?"
                    },
                    {
                      "role": "assistant",
                      "content": null,
                      "tool_calls": [
                        {
                          "id": "call_7hQ2",
                          "type": "function",
                          "function": {
                            "name": "get_weather",
                            "arguments": "{\"place\":\"Lyon\"}"
                          }
                        }
                      ]
                    },
                    {
                      "role": "tool",
                      "tool_call_id": "call_7hQ2",
                      "content": "{\"sky\":\"clear\",\"celsius\":11}"
                    }
                  ]
                }
              }
            }
          }
        }
      },
      "Job": {
        "required": true,
        "description": "The flow's input, and when and how urgently to run it.",
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/JobRequest"
            },
            "examples": {
              "now": {
                "summary": "As soon as a worker is free",
                "value": {
                  "message": "I recieve to seperate parcels tomorow."
                }
              },
              "later": {
                "summary": "Tonight, with a webhook",
                "value": {
                  "messages": [
                    {
                      "role": "user",
                      "content": "I recieve two parcels."
                    }
                  ],
                  "parameters": {
                    "difficulty": "easy"
                  },
                  "blockOverrides": {
                    "check": {
                      "temperature": 0
                    }
                  },
                  "trace": true,
                  "priority": -10,
                  "startAfter": "2026-11-20T22:00:00+01:00",
                  "webhookUrl": "https://hooks.example.org/noukai/graded"
                }
              }
            }
          }
        }
      }
    },
    "headers": {
      "RequestId": {
        "description": "Names this request in the server's logs. On every response, errors included.",
        "required": true,
        "schema": {
          "type": "string"
        },
        "example": "req_0199f3c27a417e0c"
      },
      "ExecutionId": {
        "description": "The run that this call created or resumed. Sent before the first byte of the body, so that a cut answer can be picked up.",
        "required": true,
        "schema": {
          "$ref": "#/components/schemas/ExecutionId"
        },
        "example": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10"
      },
      "ExecutionIdIfAny": {
        "description": "The run that the refusal is about. Absent when none was created.",
        "schema": {
          "$ref": "#/components/schemas/ExecutionId"
        },
        "example": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10"
      },
      "ShouldRetryIfKnown": {
        "description": "The same where the server knows better than the status tells.",
        "schema": {
          "type": "string",
          "enum": [
            "true",
            "false"
          ]
        },
        "example": "false"
      },
      "ShouldRetry": {
        "description": "Overrides the client's own judgement whether to repeat the call.",
        "required": true,
        "schema": {
          "type": "string",
          "enum": [
            "true",
            "false"
          ]
        },
        "example": "true"
      },
      "RetryAfter": {
        "description": "Whole seconds to wait before the same call may succeed.",
        "required": true,
        "schema": {
          "type": "integer",
          "minimum": 0
        },
        "example": 2
      }
    },
    "responses": {
      "Executed": {
        "description": "The run is over, or waits for tool results. `status` says which.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          },
          "X-Noukai-Execution-Id": {
            "$ref": "#/components/headers/ExecutionId"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/ExecuteResponse"
            },
            "examples": {
              "completed": {
                "summary": "Finished",
                "value": {
                  "status": "completed",
                  "result": {
                    "mistakes": [
                      "recieve",
                      "seperate"
                    ]
                  },
                  "flowId": "0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31",
                  "blockCount": 2,
                  "executionId": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10"
                }
              },
              "paused": {
                "summary": "Waits for tool results",
                "value": {
                  "status": "tool_calls_required",
                  "executionId": "0199f3c4-1b60-7c55-a2f3-8d07e91b6c24",
                  "pausedAtStep": "advise",
                  "iterationsUsed": 1,
                  "toolCallMessages": [
                    {
                      "role": "user",
                      "content": "What should I wear in Lyon today?"
                    },
                    {
                      "role": "assistant",
                      "content": null,
                      "tool_calls": [
                        {
                          "id": "call_7hQ2",
                          "type": "function",
                          "function": {
                            "name": "get_weather",
                            "arguments": "{\"place\":\"Lyon\"}"
                          }
                        }
                      ]
                    }
                  ],
                  "toolCalls": [
                    {
                      "id": "call_7hQ2",
                      "type": "function",
                      "function": {
                        "name": "get_weather",
                        "arguments": "{\"place\":\"Lyon\"}"
                      }
                    }
                  ],
                  "accumulatedOutputs": {},
                  "flowId": "0199e01b-60aa-7b3c-9e11-5a2f80c4d7b6",
                  "blockCount": 1
                }
              }
            }
          }
        }
      },
      "BadRequest": {
        "description": "The request is wrong in itself. `issues` names each fault with its path.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/ErrorResponse"
            },
            "examples": {
              "invalid": {
                "value": {
                  "detail": {
                    "code": "INVALID_REQUEST",
                    "message": "The body has 2 faults: attachments[0].url must begin with https://; trace must be true or false.",
                    "issues": [
                      {
                        "path": "attachments[0].url",
                        "message": "must begin with https://",
                        "fix": "https://images.example.org/jacket-4711.webp"
                      },
                      {
                        "path": "trace",
                        "message": "must be true or false, not \"yes\""
                      }
                    ],
                    "doc": "https://docs.example.org/errors/INVALID_REQUEST"
                  }
                }
              }
            }
          }
        },
        "x-error-codes": [
          "INVALID_REQUEST",
          "INVALID_VERSION",
          "TOOLS_INVALID",
          "TOOL_NAME_INVALID",
          "TOOLS_NOT_ENABLED",
          "TOOLS_IN_NON_SEQUENTIAL_STEP",
          "TOOLS_REQUIRE_SYNC_EXECUTE",
          "PAUSED_STEP_INVALID",
          "EXECUTION_ID_INVALID",
          "TOOL_RESULTS_MISMATCH",
          "INVALID_STEP_INDEX",
          "INVALID_FIRST_CALL",
          "MISSING_MESSAGE",
          "MESSAGES_ROLE_INVALID",
          "PARAMETER_NAME_RESERVED",
          "MODEL_MIME_INCOMPATIBLE"
        ]
      },
      "Unauthenticated": {
        "description": "No key, not a key, or a key that is revoked or expired.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/ErrorResponse"
            },
            "examples": {
              "unauthenticated": {
                "value": {
                  "detail": {
                    "code": "UNAUTHENTICATED",
                    "message": "Send an API key: Authorization: Bearer nk_…"
                  }
                }
              }
            }
          }
        },
        "x-error-codes": [
          "UNAUTHENTICATED"
        ]
      },
      "PaymentRequired": {
        "description": "The project's credits do not cover the run, before it starts or while it runs.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          },
          "X-Noukai-Execution-Id": {
            "$ref": "#/components/headers/ExecutionIdIfAny"
          },
          "X-Should-Retry": {
            "$ref": "#/components/headers/ShouldRetryIfKnown"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/ErrorResponse"
            }
          }
        },
        "x-error-codes": [
          "INSUFFICIENT_CREDITS",
          "CREDITS_EXHAUSTED"
        ]
      },
      "Forbidden": {
        "description": "The key is good, but not for this project or not for this scope.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/ErrorResponse"
            }
          }
        },
        "x-error-codes": [
          "FORBIDDEN"
        ]
      },
      "NotFound": {
        "description": "There is no such thing, or it belongs to someone else; the answers are the same.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/ErrorResponse"
            },
            "examples": {
              "flow": {
                "value": {
                  "detail": {
                    "code": "FLOW_NOT_FOUND",
                    "message": "There is no flow acme/spelling/grade-33. Is the slug right, and the flow not archived?",
                    "doc": "https://docs.example.org/errors/FLOW_NOT_FOUND"
                  }
                }
              }
            }
          }
        },
        "x-error-codes": [
          "FLOW_NOT_FOUND",
          "VERSION_NOT_FOUND",
          "RUN_NOT_FOUND",
          "STEP_NOT_FOUND",
          "SESSION_NOT_FOUND",
          "KEY_NOT_FOUND",
          "ROUTE_NOT_FOUND"
        ]
      },
      "Conflict": {
        "description": "The run or flow is in a state that does not allow the call.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          },
          "X-Noukai-Execution-Id": {
            "$ref": "#/components/headers/ExecutionIdIfAny"
          },
          "X-Should-Retry": {
            "$ref": "#/components/headers/ShouldRetryIfKnown"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/ErrorResponse"
            },
            "examples": {
              "resumed": {
                "value": {
                  "detail": {
                    "code": "ALREADY_RESUMED",
                    "message": "Another resume of this pause came first, with other tool results.",
                    "executionId": "0199f3c4-1b60-7c55-a2f3-8d07e91b6c24",
                    "stepId": "advise",
                    "doc": "https://docs.example.org/errors/ALREADY_RESUMED"
                  }
                }
              }
            }
          }
        },
        "x-error-codes": [
          "TOOL_ITERATION_LIMIT",
          "ALREADY_RESUMED",
          "STALE_CURSOR",
          "STALE_TREE",
          "CANCELLED",
          "FLOW_EXISTS",
          "CREDITS_UNLIMITED"
        ]
      },
      "TooLarge": {
        "description": "The body, or its `messages`, is over the limit.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/ErrorResponse"
            }
          }
        },
        "x-error-codes": [
          "MESSAGES_TOO_LARGE",
          "BODY_TOO_LARGE"
        ]
      },
      "UnsupportedMediaType": {
        "description": "The body is not sent as `application/json`.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/ErrorResponse"
            }
          }
        },
        "x-error-codes": [
          "UNSUPPORTED_MEDIA_TYPE"
        ]
      },
      "RunFailed": {
        "description": "The request was understood and the *flow* failed: the run ran and failed, or its definition cannot be run. Not a fault of the server, so not a 5xx: clients repeat those, and would run and bill a failing flow twice.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          },
          "X-Noukai-Execution-Id": {
            "$ref": "#/components/headers/ExecutionIdIfAny"
          },
          "X-Should-Retry": {
            "$ref": "#/components/headers/ShouldRetryIfKnown"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/ErrorResponse"
            },
            "examples": {
              "failed": {
                "value": {
                  "detail": {
                    "code": "MODEL_PROVIDER_ERROR",
                    "message": "check: openai/gpt-5-mini answered 503 on all 3 attempts.",
                    "executionId": "0199f3c4-1b60-7c55-a2f3-8d07e91b6c24",
                    "stepId": "check",
                    "doc": "https://docs.example.org/errors/MODEL_PROVIDER_ERROR"
                  }
                }
              },
              "tree": {
                "value": {
                  "detail": {
                    "code": "INVALID_TREE",
                    "message": "The definition has 2 faults.",
                    "issues": [
                      {
                        "path": "steps[1].id",
                        "message": "\"check\" is taken by steps[0]; give each step an id of its own",
                        "line": 14,
                        "column": 9
                      },
                      {
                        "path": "steps[2].branches.tone[0].prompt",
                        "message": "{{steps.chekc.text}} names no earlier step",
                        "fix": "{{steps.check.text}}",
                        "line": 22,
                        "column": 17
                      }
                    ]
                  }
                }
              }
            }
          }
        },
        "x-error-codes": [
          "STEP_FAILED",
          "MODEL_PROVIDER_ERROR",
          "CODE_ERROR",
          "OUTPUT_SCHEMA_MISMATCH",
          "STEP_TIMEOUT",
          "BYOK_KEY_REJECTED",
          "WORKER_LOST",
          "TOKEN_LIMIT_REACHED",
          "COST_LIMIT_REACHED",
          "PAUSE_EXPIRED",
          "INVALID_TREE",
          "NO_STEPS",
          "FLOW_NOT_PUBLISHED",
          "IDEMPOTENCY_KEY_REUSED"
        ]
      },
      "RateLimited": {
        "description": "Too many calls. No run was created.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          },
          "X-Should-Retry": {
            "$ref": "#/components/headers/ShouldRetry"
          },
          "Retry-After": {
            "$ref": "#/components/headers/RetryAfter"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/ErrorResponse"
            },
            "examples": {
              "limited": {
                "value": {
                  "detail": {
                    "code": "RATE_LIMITED",
                    "message": "The project may make 60 requests a minute. Try again in 2 seconds."
                  }
                }
              }
            }
          }
        },
        "x-error-codes": [
          "RATE_LIMITED",
          "TOO_MANY_KEYS"
        ]
      },
      "InternalError": {
        "description": "The server's own fault. The message says nothing of its inside; `X-Request-ID` finds it in the logs.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          },
          "X-Should-Retry": {
            "$ref": "#/components/headers/ShouldRetryIfKnown"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/ErrorResponse"
            }
          }
        },
        "x-error-codes": [
          "INTERNAL_ERROR"
        ]
      },
      "NotImplemented": {
        "description": "The request asks for something that this server does not do. No run was created.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/ErrorResponse"
            },
            "examples": {
              "notImplemented": {
                "value": {
                  "detail": {
                    "code": "NOT_IMPLEMENTED",
                    "message": "submitJob is in the contract, and this server does not serve it yet."
                  }
                }
              }
            }
          }
        },
        "x-error-codes": [
          "NOT_IMPLEMENTED"
        ]
      },
      "Unavailable": {
        "description": "The server cannot take the call now. No run was created.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          },
          "X-Should-Retry": {
            "$ref": "#/components/headers/ShouldRetry"
          },
          "Retry-After": {
            "$ref": "#/components/headers/RetryAfter"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/ErrorResponse"
            }
          }
        },
        "x-error-codes": [
          "BILLING_UNAVAILABLE",
          "SHUTTING_DOWN"
        ]
      },
      "SegmentStream": {
        "description": "One segment of the run as server-sent events, or the whole run with `runRemaining`. A stream that ends cleanly ends with a terminator: `step_paused`, `step_paused_for_tool_calls`, `step_error` or `flow_completed`. One that cannot be finished is reset, never ended: go on from `GET …/runs/{executionId}/trace/stream` with `Last-Event-ID`, and do not repeat the POST.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          },
          "X-Noukai-Execution-Id": {
            "$ref": "#/components/headers/ExecutionId"
          }
        },
        "content": {
          "text/event-stream": {
            "schema": {
              "$ref": "#/components/schemas/EventStream"
            }
          }
        }
      },
      "JobAccepted": {
        "description": "The job is stored and waits for a worker.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          },
          "X-Noukai-Execution-Id": {
            "$ref": "#/components/headers/ExecutionId"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/JobAccepted"
            },
            "examples": {
              "accepted": {
                "value": {
                  "executionId": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10",
                  "status": "started",
                  "flowId": "0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31",
                  "blockCount": 2
                }
              }
            }
          }
        }
      },
      "CancelAccepted": {
        "description": "The wish is stored. The run ends with `step_error` and code `CANCELLED` unless it ended by itself first. Repeating the call, also on a run that is already over, gives the same kind of answer and changes nothing.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          },
          "X-Noukai-Execution-Id": {
            "$ref": "#/components/headers/ExecutionId"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/CancelAccepted"
            },
            "examples": {
              "accepted": {
                "value": {
                  "executionId": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10",
                  "status": "running"
                }
              }
            }
          }
        }
      },
      "Trace": {
        "description": "The run and the latest attempt of each of its steps.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/Trace"
            },
            "examples": {
              "captured": {
                "summary": "With snapshots",
                "value": {
                  "flowRun": {
                    "id": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10",
                    "flowId": "0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31",
                    "version": 3,
                    "status": "completed",
                    "triggerType": "execute",
                    "startedAt": "2026-11-20T09:30:12.481Z",
                    "completedAt": "2026-11-20T09:30:14.960Z",
                    "durationMs": 2479,
                    "stepCount": 2,
                    "totalTokens": {
                      "prompt": 498,
                      "completion": 131,
                      "total": 629
                    },
                    "totalCostUsd": "0.000386"
                  },
                  "steps": [
                    {
                      "stepId": "check",
                      "attempt": 1,
                      "loopIndex": null,
                      "status": "completed",
                      "startedAt": "2026-11-20T09:30:12.481Z",
                      "completedAt": "2026-11-20T09:30:13.702Z",
                      "durationMs": 1221,
                      "modelUsed": "openai/gpt-5-mini",
                      "tokens": {
                        "prompt": 212,
                        "completion": 38,
                        "total": 250
                      },
                      "costUsd": "0.000129",
                      "inputContext": {
                        "message": "I recieve to seperate parcels tomorow.",
                        "difficulty": "easy"
                      },
                      "outputContext": {
                        "mistakes": [
                          "recieve",
                          "seperate"
                        ]
                      },
                      "errorContext": null,
                      "inputSizeBytes": 70,
                      "outputSizeBytes": 37,
                      "truncated": false,
                      "name": "Check the spelling",
                      "kind": "llm",
                      "parentStepId": null,
                      "loopPath": []
                    },
                    {
                      "stepId": "each",
                      "attempt": 1,
                      "loopIndex": null,
                      "status": "completed",
                      "startedAt": "2026-11-20T09:30:13.705Z",
                      "completedAt": "2026-11-20T09:30:14.960Z",
                      "durationMs": 1255,
                      "modelUsed": null,
                      "tokens": null,
                      "costUsd": null,
                      "inputContext": {
                        "mistakes": [
                          "recieve",
                          "seperate"
                        ]
                      },
                      "outputContext": {
                        "items": [
                          {
                            "text": "i before e, except after c."
                          },
                          {
                            "text": "There is a rat in separate."
                          }
                        ]
                      },
                      "errorContext": null,
                      "inputSizeBytes": 37,
                      "outputSizeBytes": 84,
                      "truncated": false,
                      "name": "each",
                      "kind": "loop",
                      "parentStepId": null,
                      "loopPath": []
                    },
                    {
                      "stepId": "explain",
                      "attempt": 1,
                      "loopIndex": 0,
                      "status": "completed",
                      "startedAt": "2026-11-20T09:30:13.705Z",
                      "completedAt": "2026-11-20T09:30:14.960Z",
                      "durationMs": 1240,
                      "modelUsed": "openai/gpt-5-mini",
                      "tokens": {
                        "prompt": 143,
                        "completion": 46,
                        "total": 189
                      },
                      "costUsd": "0.000128",
                      "inputContext": {
                        "item": "recieve",
                        "index": 0
                      },
                      "outputContext": {
                        "text": "i before e, except after c."
                      },
                      "errorContext": null,
                      "inputSizeBytes": 28,
                      "outputSizeBytes": 39,
                      "truncated": false,
                      "name": "explain",
                      "kind": "llm",
                      "parentStepId": "each",
                      "loopPath": [
                        0
                      ]
                    },
                    {
                      "stepId": "explain",
                      "attempt": 1,
                      "loopIndex": 1,
                      "status": "completed",
                      "startedAt": "2026-11-20T09:30:13.705Z",
                      "completedAt": "2026-11-20T09:30:14.960Z",
                      "durationMs": 1241,
                      "modelUsed": "openai/gpt-5-mini",
                      "tokens": {
                        "prompt": 143,
                        "completion": 47,
                        "total": 190
                      },
                      "costUsd": "0.000128",
                      "inputContext": {
                        "item": "seperate",
                        "index": 1
                      },
                      "outputContext": {
                        "text": "There is a rat in separate."
                      },
                      "errorContext": null,
                      "inputSizeBytes": 28,
                      "outputSizeBytes": 39,
                      "truncated": false,
                      "name": "explain",
                      "kind": "llm",
                      "parentStepId": "each",
                      "loopPath": [
                        1
                      ]
                    }
                  ]
                }
              },
              "metadata": {
                "summary": "Failed, without snapshots",
                "value": {
                  "flowRun": {
                    "id": "0199f3c4-1b60-7c55-a2f3-8d07e91b6c24",
                    "flowId": "0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31",
                    "version": 0,
                    "status": "failed",
                    "triggerType": null,
                    "startedAt": "2026-11-20T09:30:12.481Z",
                    "completedAt": "2026-11-20T09:30:14.960Z",
                    "durationMs": 2479,
                    "stepCount": 2,
                    "totalTokens": null,
                    "totalCostUsd": null
                  },
                  "steps": [
                    {
                      "stepId": "check",
                      "attempt": 3,
                      "loopIndex": null,
                      "status": "failed",
                      "startedAt": "2026-11-20T09:30:13.702Z",
                      "completedAt": "2026-11-20T09:30:14.960Z",
                      "durationMs": 1258,
                      "modelUsed": "openai/gpt-5-mini",
                      "tokens": null,
                      "costUsd": null,
                      "inputContext": {
                        "preview": "{\"message\":\"I recieve to seperate"
                      },
                      "outputContext": null,
                      "errorContext": {
                        "code": "MODEL_PROVIDER_ERROR",
                        "message": "check: openai/gpt-5-mini answered 503 on all 3 attempts."
                      },
                      "inputSizeBytes": 81920,
                      "outputSizeBytes": null,
                      "truncated": true,
                      "name": "Check the spelling",
                      "kind": "llm",
                      "parentStepId": null,
                      "loopPath": []
                    }
                  ]
                }
              }
            }
          }
        }
      },
      "LiveTraceStream": {
        "description": "The run's logged events after `Last-Event-ID`, then its live tail. It stays open through pauses and ends at `flow_completed` or `step_error`.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          },
          "X-Noukai-Execution-Id": {
            "$ref": "#/components/headers/ExecutionId"
          }
        },
        "content": {
          "text/event-stream": {
            "schema": {
              "$ref": "#/components/schemas/EventStream"
            }
          }
        }
      },
      "StepTrace": {
        "description": "One attempt of the step, or with `attempt=all` every one.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/StepTraceResponse"
            },
            "examples": {
              "latest": {
                "summary": "The latest attempt",
                "value": {
                  "stepId": "explain",
                  "attempt": 1,
                  "loopIndex": 1,
                  "status": "completed",
                  "startedAt": "2026-11-20T09:30:13.705Z",
                  "completedAt": "2026-11-20T09:30:14.960Z",
                  "durationMs": 1241,
                  "modelUsed": "openai/gpt-5-mini",
                  "tokens": {
                    "prompt": 143,
                    "completion": 47,
                    "total": 190
                  },
                  "costUsd": "0.000128",
                  "inputContext": {
                    "item": "seperate",
                    "index": 1
                  },
                  "outputContext": {
                    "text": "There is a rat in separate."
                  },
                  "errorContext": null,
                  "inputSizeBytes": 28,
                  "outputSizeBytes": 39,
                  "truncated": false,
                  "name": "explain",
                  "kind": "llm",
                  "parentStepId": "each",
                  "loopPath": [
                    1
                  ]
                }
              },
              "all": {
                "summary": "`attempt=all`",
                "value": {
                  "stepId": "check",
                  "attempts": [
                    {
                      "stepId": "check",
                      "attempt": 1,
                      "loopIndex": null,
                      "status": "failed",
                      "startedAt": "2026-11-20T09:30:12.481Z",
                      "completedAt": "2026-11-20T09:30:13.702Z",
                      "durationMs": 1221,
                      "modelUsed": "openai/gpt-5-mini",
                      "tokens": null,
                      "costUsd": null,
                      "inputContext": null,
                      "outputContext": null,
                      "errorContext": {
                        "code": "MODEL_PROVIDER_ERROR",
                        "message": "check: openai/gpt-5-mini answered 503."
                      },
                      "inputSizeBytes": 70,
                      "outputSizeBytes": null,
                      "truncated": false,
                      "name": "Check the spelling",
                      "kind": "llm",
                      "parentStepId": null,
                      "loopPath": []
                    },
                    {
                      "stepId": "check",
                      "attempt": 2,
                      "loopIndex": null,
                      "status": "completed",
                      "startedAt": "2026-11-20T09:30:13.705Z",
                      "completedAt": "2026-11-20T09:30:14.960Z",
                      "durationMs": 1255,
                      "modelUsed": "openai/gpt-5-mini",
                      "tokens": {
                        "prompt": 212,
                        "completion": 38,
                        "total": 250
                      },
                      "costUsd": "0.000129",
                      "inputContext": null,
                      "outputContext": null,
                      "errorContext": null,
                      "inputSizeBytes": 70,
                      "outputSizeBytes": 37,
                      "truncated": false,
                      "name": "Check the spelling",
                      "kind": "llm",
                      "parentStepId": null,
                      "loopPath": []
                    }
                  ]
                }
              }
            }
          }
        }
      },
      "Gone": {
        "description": "The session was recorded, and its recording has expired.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/ErrorResponse"
            }
          }
        },
        "x-error-codes": [
          "SESSION_EXPIRED"
        ]
      },
      "ExecutionBadRequest": {
        "description": "The request is wrong in itself.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/ExecutionErrorResponse"
            },
            "examples": {
              "example": {
                "value": {
                  "error": {
                    "code": "INVALID_REQUEST",
                    "message": "flow_id: is required",
                    "details": {
                      "issues": [
                        {
                          "path": "flow_id",
                          "message": "is required"
                        }
                      ]
                    }
                  },
                  "request_id": "req_0199f3c27a417e0c"
                }
              }
            }
          }
        },
        "x-error-codes": [
          "INVALID_REQUEST"
        ]
      },
      "ExecutionUnauthenticated": {
        "description": "No key, not a key, or a key that is revoked or expired.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/ExecutionErrorResponse"
            }
          }
        },
        "x-error-codes": [
          "UNAUTHENTICATED"
        ]
      },
      "ExecutionForbidden": {
        "description": "The key is good, but not for this scope.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/ExecutionErrorResponse"
            }
          }
        },
        "x-error-codes": [
          "FORBIDDEN"
        ]
      },
      "ExecutionNotFound": {
        "description": "There is no such thing, it was deleted, or it belongs to someone else; the answers are the same.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/ExecutionErrorResponse"
            }
          }
        },
        "x-error-codes": [
          "FLOW_NOT_FOUND",
          "EXECUTION_NOT_FOUND",
          "TASK_NOT_FOUND"
        ]
      },
      "ExecutionRateLimited": {
        "description": "Too many calls. No run was created.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          },
          "X-Should-Retry": {
            "$ref": "#/components/headers/ShouldRetry"
          },
          "Retry-After": {
            "$ref": "#/components/headers/RetryAfter"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/ExecutionErrorResponse"
            }
          }
        },
        "x-error-codes": [
          "RATE_LIMITED"
        ]
      },
      "ExecutionInternalError": {
        "description": "The server's own fault. `request_id` finds it in the logs.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          },
          "X-Should-Retry": {
            "$ref": "#/components/headers/ShouldRetryIfKnown"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/ExecutionErrorResponse"
            }
          }
        },
        "x-error-codes": [
          "INTERNAL_ERROR"
        ]
      },
      "ExecutionPaymentRequired": {
        "description": "The project's credits do not cover another run.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/ExecutionErrorResponse"
            }
          }
        },
        "x-error-codes": [
          "INSUFFICIENT_CREDITS"
        ]
      },
      "ExecutionTooLarge": {
        "description": "The body is over the limit.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/ExecutionErrorResponse"
            }
          }
        },
        "x-error-codes": [
          "BODY_TOO_LARGE"
        ]
      },
      "ExecutionUnsupportedMediaType": {
        "description": "The body is not sent as `application/json`.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/ExecutionErrorResponse"
            }
          }
        },
        "x-error-codes": [
          "UNSUPPORTED_MEDIA_TYPE"
        ]
      },
      "ExecutionUnprocessable": {
        "description": "The request is well-formed, and the flow cannot be run with it.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/ExecutionErrorResponse"
            },
            "examples": {
              "example": {
                "value": {
                  "error": {
                    "code": "INPUT_INVALID",
                    "message": "input.message: is required",
                    "details": {
                      "issues": [
                        {
                          "path": "input.message",
                          "message": "is required"
                        }
                      ]
                    }
                  },
                  "request_id": "req_0199f3c27a417e0c"
                }
              }
            }
          }
        },
        "x-error-codes": [
          "INPUT_INVALID",
          "FLOW_NOT_PUBLISHED",
          "INVALID_TREE",
          "NO_STEPS",
          "IDEMPOTENCY_KEY_REUSED"
        ]
      },
      "ExecutionUnavailable": {
        "description": "The server cannot take the call now. No run was created.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          },
          "X-Should-Retry": {
            "$ref": "#/components/headers/ShouldRetry"
          },
          "Retry-After": {
            "$ref": "#/components/headers/RetryAfter"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/ExecutionErrorResponse"
            }
          }
        },
        "x-error-codes": [
          "BILLING_UNAVAILABLE",
          "SHUTTING_DOWN"
        ]
      },
      "ExecutionConflict": {
        "description": "The execution is in a state that does not allow the call.",
        "headers": {
          "X-Request-ID": {
            "$ref": "#/components/headers/RequestId"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/ExecutionErrorResponse"
            }
          }
        },
        "x-error-codes": [
          "EXECUTION_BUSY",
          "OUTPUTS_EXPIRED",
          "TASK_NOT_EDITABLE"
        ]
      }
    }
  },
  "x-route-errors": {
    "405": [
      "METHOD_NOT_ALLOWED"
    ]
  }
};
