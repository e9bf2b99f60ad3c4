// Generated from openapi/ by `npm run generate`; do not edit.

export interface paths {
    "/flow-executions": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path?: never;
            cookie?: never;
        };
        /**
         * List a flow's executions
         * @description Without those that were deleted. Two ways from page to page: `page` and `page_size`, or `start_from_execution_id` with the last id of the page before, which new executions do not shift.
         */
        get: operations["listFlowExecutions"];
        put?: never;
        /**
         * Create an execution and start it
         * @description Answers as soon as the execution is stored, before its first step. It runs the flow's production version, or the newest published one when none was promoted, and keeps to it whatever becomes of the flow. References to files in `input` (`file_key`, `document_url`) are passed on to the steps and never fetched.
         */
        post: operations["createFlowExecution"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/flow-executions/{flowExecutionId}": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The execution's id.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                flowExecutionId: components["parameters"]["flowExecutionId"];
            };
            cookie?: never;
        };
        /**
         * Read an execution
         * @description With what came of its latest run. One that was deleted is not found.
         */
        get: operations["getFlowExecution"];
        put?: never;
        post?: never;
        /**
         * Delete an execution
         * @description Hides it from lists and reads; its runs and their traces stay. It does not stop a run that is under way. Repeating the call answers 204 as well.
         */
        delete: operations["deleteFlowExecution"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/flow-executions/{flowExecutionId}/cancel": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The execution's id.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                flowExecutionId: components["parameters"]["flowExecutionId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel an execution
         * @description The wish is stored and reaches the model call in flight, in whatever process the run is. Idempotent; an execution that is over stays as it is.
         */
        post: operations["cancelFlowExecution"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/flow-executions/{flowExecutionId}/events": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The execution's id.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                flowExecutionId: components["parameters"]["flowExecutionId"];
            };
            cookie?: never;
        };
        /**
         * Watch an execution
         * @description Its status changes from the first one, or from behind `Last-Event-ID`, as server-sent events: each `event: status_changed` has an opaque `id` to resume from and an `ExecutionChange` as its data. Ends when the execution is completed, failed, cancelled or deleted, and nothing more is to be told.
         */
        get: operations["streamFlowExecution"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/flow-executions/{flowExecutionId}/execute": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The execution's id.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                flowExecutionId: components["parameters"]["flowExecutionId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run an execution again
         * @description Makes a new run under the same execution, with a log and a trace of its own and `run_number` one higher. A run under way is cancelled first; 409 when it cannot be ended. In full, the execution moves to the newest published version of its flow. With `only_stale=true` it keeps its version, and only steps run that are out of date or have no output; the outputs of the others stand at the beginning of the new log, and their cost is not paid again.
         */
        post: operations["reexecuteFlowExecution"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/flow-executions/ws": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path?: never;
            cookie?: never;
        };
        /**
         * Watch executions over a WebSocket
         * @description Status changes of all executions that the key opens, as `ExecutionSocketMessage` in text frames. A client that cannot set headers (a browser) opens the socket without a key and sends `{"type": "authenticate", "token": "nk_…"}` within ten seconds. `cursor`, in the query or in that message, resumes behind the last change that was seen; without it the socket tells what changes from now on. Closed with 4401 without a valid key, 4400 for a message or cursor that is none, 4403 without the scope, 1001 when the server stops. Asked without `Upgrade: websocket`, it is refused with 400.
         */
        get: operations["watchFlowExecutions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/flow-runs": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path?: never;
            cookie?: never;
        };
        /**
         * List runs
         * @description Newest first. The cursor is stable: runs that start meanwhile do not shift a page.
         */
        get: operations["listFlowRuns"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/flow-runs/{flowRunId}": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The run's id. The same id as `executionId`.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                flowRunId: components["parameters"]["flowRunId"];
            };
            cookie?: never;
        };
        /**
         * Read a run by its id
         * @description The run's figures, and its result, error or pause.
         */
        get: operations["getFlowRun"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/flow-runs/{flowRunId}/cancel": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The run's id. The same id as `executionId`.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                flowRunId: components["parameters"]["flowRunId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a run by its id
         * @description Reaches the model call in flight. Idempotent; a run that is already over stays as it is.
         */
        post: operations["cancelFlowRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/flow-runs/{flowRunId}/steps/{stepId}/trace": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The run's id. The same id as `executionId`.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                flowRunId: components["parameters"]["flowRunId"];
                /**
                 * @description The `id` of a node in the flow's definition.
                 * @example check
                 */
                stepId: components["parameters"]["stepId"];
            };
            cookie?: never;
        };
        /**
         * Read one step's trace by the run's id
         * @description Absent `attempt` gives the latest one, `all` every one in attempt order.
         */
        get: operations["getFlowRunStepTrace"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/flow-runs/{flowRunId}/trace": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The run's id. The same id as `executionId`.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                flowRunId: components["parameters"]["flowRunId"];
            };
            cookie?: never;
        };
        /**
         * Read a run's trace by its id
         * @description The latest attempt of each step, in the order they began. Contexts are there as the run's capture mode allows.
         */
        get: operations["getFlowRunTrace"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/flow-runs/{flowRunId}/trace/stream": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The run's id. The same id as `executionId`.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                flowRunId: components["parameters"]["flowRunId"];
            };
            cookie?: never;
        };
        /**
         * Watch a run by its id
         * @description What happened so far, from the log, and then what happens. It stays open through pauses and ends at `flow_completed` or `step_error`. Reconnecting with `Last-Event-ID` loses nothing and repeats nothing.
         */
        get: operations["streamFlowRunTrace"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Is the process up?
         * @description Answers as long as the process can answer at all; asks nothing of the store.
         */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/keys": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path?: never;
            cookie?: never;
        };
        /**
         * List keys
         * @description Never with their secrets.
         */
        get: operations["listKeys"];
        put?: never;
        /**
         * Make a key
         * @description The answer shows the secret this once. A project holds ten keys at most (429 `TOO_MANY_KEYS`).
         */
        post: operations["createKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/keys/{keyId}": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The key's public id, the eight characters behind `nk_live_` or `nk_test_`.
                 * @example k7Qm2xVa
                 */
                keyId: components["parameters"]["keyId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke a key
         * @description It ceases to work within 30 seconds, on every process. Repeating the call answers 204 as well.
         */
        delete: operations["revokeKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/keys/verify": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path?: never;
            cookie?: never;
        };
        /**
         * Look at the key in use
         * @description Whose it is and what it may do. Any valid key may ask.
         */
        get: operations["verifyKey"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the process's figures
         * @description In Prometheus's text format. No label carries a key, an input or an output.
         */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read this document
         * @description This document in one file, as OpenAPI 3.1.
         */
        get: operations["getOpenApiDocument"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/projects/{org}/{project}/credits": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        /**
         * Read the balance
         * @description What is left, and what all runs have cost so far.
         */
        get: operations["getCredits"];
        /**
         * Set the balance
         * @description Puts an amount in place of what is left. From then on the project's runs are charged against it.
         */
        put: operations["setCredits"];
        /**
         * Add credits
         * @description Adds to what is left. With an `Idempotency-Key` the call is safe to repeat, for ever: the same key adds once. A project without a balance has nothing to add to (409 `CREDITS_UNLIMITED`); set one first.
         */
        post: operations["addCredits"];
        /**
         * Take the bound away
         * @description The project has no balance any more and may spend what it likes; what it spends is still counted. Repeating the call changes nothing.
         */
        delete: operations["removeCreditBound"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/projects/{org}/{project}/flows": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        /**
         * List flows
         * @description Active ones, by slug.
         */
        get: operations["listFlows"];
        put?: never;
        /**
         * Create a flow
         * @description With its first draft. A slug that is taken is 409 `FLOW_EXISTS`; that of an archived flow brings the flow back, with its versions.
         */
        post: operations["createFlow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/projects/{org}/{project}/flows/{flow}": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        /**
         * Read a flow and its draft
         * @description The definition's members come in the order in which they were written.
         */
        get: operations["getFlow"];
        /**
         * Replace the draft
         * @description Runs that are under way keep the tree they started with. A definition that could not run is refused with 422 `INVALID_TREE` and every fault in `issues`.
         */
        put: operations["replaceDraft"];
        post?: never;
        /**
         * Archive a flow
         * @description It can no longer be run; its runs, traces and versions stay. Archived already, it is 404 `FLOW_NOT_FOUND`.
         */
        delete: operations["archiveFlow"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/projects/{org}/{project}/flows/{flow}/production": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        get?: never;
        /**
         * Promote a version
         * @description Moves the production pointer to any published version, back too. Runs that are under way keep theirs.
         */
        put: operations["promoteFlow"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/projects/{org}/{project}/flows/{flow}/validate": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Check a definition
         * @description Reports every fault at once, each with its path and a fix. Stores nothing. A definition with faults is a successful answer with `valid: false`.
         */
        post: operations["validateFlow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/projects/{org}/{project}/flows/{flow}/versions": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        /**
         * List versions
         * @description Newest first.
         */
        get: operations["listFlowVersions"];
        put?: never;
        /**
         * Publish the draft
         * @description Snapshots the draft as the next version. It does not move the production pointer. An unchanged draft answers with the version it already is.
         */
        post: operations["publishFlow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Should this process be given work?
         * @description Not while it starts, drains, or cannot reach its store.
         */
        get: operations["getReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/schemas/flow.schema.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the schema of flow definitions
         * @description The JSON Schema (draft 2020-12) of a flow's file, for editors. It stays at this address.
         */
        get: operations["getFlowSchema"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/schemas/project.schema.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the schema of a project's settings
         * @description The JSON Schema (draft 2020-12) of `project.yaml`, for editors. It stays at this address.
         */
        get: operations["getProjectSchema"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/seq/{org}/{project}/{flow}/execute": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run a flow and wait for its result
         * @description Runs to completion or to a tool-call pause, and resumes such a pause: then the body carries the resume fields, and the call goes to the same versioned path. A failed run answers 422. Two different resumes racing: one wins, the other gets 409 `ALREADY_RESUMED`; an identical repeat gets the same answer. Runs the production version; while none was ever promoted, the draft.
         */
        post: operations["executeFlow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/seq/{org}/{project}/{flow}/jobs": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Put a run into the queue
         * @description Stores a run for the next free worker and answers at once. Follow it with `getJob` or `streamRunTrace`; a restart of the server does not lose it. Runs the production version; while none was ever promoted, the draft.
         */
        post: operations["submitJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/seq/{org}/{project}/{flow}/jobs/{executionId}": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The run's id, from any answer's `executionId` or from `X-Noukai-Execution-Id`.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                executionId: components["parameters"]["executionId"];
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        /**
         * Ask how a job stands
         * @description Cheap enough to poll. The path has no version segment, whatever version the job runs.
         */
        get: operations["getJob"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/seq/{org}/{project}/{flow}/jobs/{executionId}/cancel": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The run's id, from any answer's `executionId` or from `X-Noukai-Execution-Id`.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                executionId: components["parameters"]["executionId"];
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a job
         * @description The same as `cancelRun`, at the job's address.
         */
        post: operations["cancelJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/seq/{org}/{project}/{flow}/runs/{executionId}": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The run's id, from any answer's `executionId` or from `X-Noukai-Execution-Id`.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                executionId: components["parameters"]["executionId"];
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        /**
         * Read a run
         * @description The run's figures, and its result, error or pause.
         */
        get: operations["getRun"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/seq/{org}/{project}/{flow}/runs/{executionId}/cancel": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The run's id, from any answer's `executionId` or from `X-Noukai-Execution-Id`.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                executionId: components["parameters"]["executionId"];
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a run
         * @description Reaches the model call in flight. Idempotent; a run that is already over stays as it is.
         */
        post: operations["cancelRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/seq/{org}/{project}/{flow}/runs/{executionId}/steps/{stepId}/trace": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The run's id, from any answer's `executionId` or from `X-Noukai-Execution-Id`.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                executionId: components["parameters"]["executionId"];
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
                /**
                 * @description The `id` of a node in the flow's definition.
                 * @example check
                 */
                stepId: components["parameters"]["stepId"];
            };
            cookie?: never;
        };
        /**
         * Read one step's trace
         * @description Absent `attempt` gives the latest one, `all` every one in attempt order.
         */
        get: operations["getRunStepTrace"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/seq/{org}/{project}/{flow}/runs/{executionId}/trace": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The run's id, from any answer's `executionId` or from `X-Noukai-Execution-Id`.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                executionId: components["parameters"]["executionId"];
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        /**
         * Read a run's trace
         * @description The latest attempt of each step, in the order they began. Contexts are there as the run's capture mode allows.
         */
        get: operations["getRunTrace"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/seq/{org}/{project}/{flow}/runs/{executionId}/trace/stream": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The run's id, from any answer's `executionId` or from `X-Noukai-Execution-Id`.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                executionId: components["parameters"]["executionId"];
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        /**
         * Watch a run
         * @description What happened so far, from the log, and then what happens. It stays open through pauses and ends at `flow_completed` or `step_error`. Reconnecting with `Last-Event-ID` loses nothing and repeats nothing.
         */
        get: operations["streamRunTrace"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/seq/{org}/{project}/{flow}/runs/cancel": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a run by its idempotency key
         * @description For a caller who aborted before the answer's headers named the run. 404 `RUN_NOT_FOUND` when the key has created no run within 24 hours.
         */
        post: operations["cancelRunByKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/seq/{org}/{project}/{flow}/step": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run one step, or the rest, as a stream
         * @description Runs one top-level step, or with `runRemaining` every step from `stepIndex`, and streams its events. Faults before the first byte are HTTP errors; 429 and 5xx come only before a run exists. `Last-Event-ID` goes on behind that event of the same segment. Runs the production version; while none was ever promoted, the draft.
         */
        post: operations["stepFlow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/seq/{org}/{project}/{flow}/v{version}/execute": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
                /**
                 * @description `0` is the draft as it is now; N ≥ 1 is published version N. Written without a space or sign behind the `v`: `/v3/execute`.
                 * @example 3
                 */
                version: components["parameters"]["version"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run a flow and wait for its result, a given version
         * @description Runs to completion or to a tool-call pause, and resumes such a pause: then the body carries the resume fields, and the call goes to the same versioned path. A failed run answers 422. Two different resumes racing: one wins, the other gets 409 `ALREADY_RESUMED`; an identical repeat gets the same answer. Runs the version in the path; `/v0` is the draft, snapshotted when the run starts.
         */
        post: operations["executeFlowVersion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/seq/{org}/{project}/{flow}/v{version}/jobs": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
                /**
                 * @description `0` is the draft as it is now; N ≥ 1 is published version N. Written without a space or sign behind the `v`: `/v3/execute`.
                 * @example 3
                 */
                version: components["parameters"]["version"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Put a run into the queue, a given version
         * @description Stores a run for the next free worker and answers at once. Follow it with `getJob` or `streamRunTrace`; a restart of the server does not lose it. Runs the version in the path; `/v0` is the draft, snapshotted when the run starts.
         */
        post: operations["submitJobVersion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/seq/{org}/{project}/{flow}/v{version}/step": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
                /**
                 * @description `0` is the draft as it is now; N ≥ 1 is published version N. Written without a space or sign behind the `v`: `/v3/execute`.
                 * @example 3
                 */
                version: components["parameters"]["version"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run one step, or the rest, as a stream, a given version
         * @description Runs one top-level step, or with `runRemaining` every step from `stepIndex`, and streams its events. Faults before the first byte are HTTP errors; 429 and 5xx come only before a run exists. `Last-Event-ID` goes on behind that event of the same segment. Runs the version in the path; `/v0` is the draft, snapshotted when the run starts.
         */
        post: operations["stepFlowVersion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/seq/sessions/{sessionId}": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The UUID that the runs were recorded under.
                 * @example 5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c
                 */
                sessionId: components["parameters"]["sessionId"];
            };
            cookie?: never;
        };
        /**
         * Read a session's recording
         * @description What the session's runs did, in recording order. Another project's session is 404; an expired recording is 410.
         */
        get: operations["getSession"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/task-executions": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path?: never;
            cookie?: never;
        };
        /**
         * List an execution's tasks
         * @description One for each top-level step of the flow, in the flow's order, as the latest run left it.
         */
        get: operations["listTaskExecutions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/task-executions/{taskExecutionId}": {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The task's id.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10:check
                 */
                taskExecutionId: components["parameters"]["taskExecutionId"];
            };
            cookie?: never;
        };
        /**
         * Read a task
         * @description Inputs and outputs are there as the run's capture mode allows; an output that was put here always is.
         */
        get: operations["getTaskExecution"];
        /**
         * Replace a task's output
         * @description Everything behind the task becomes `stale`, and with it the execution. Nothing runs until the execution is run again, unless `execute_flow=true`, which then runs just what is stale; where only that run is refused (402, 422 for its model, 429, 503) the output stands replaced, and the same call may be made again. 409 while a run is under way, for a task that has not ended, and for runs whose outputs were dropped.
         */
        put: operations["replaceTaskOutput"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * @description Step id → output, echoed from the last answer. Ignored for steps that the run's log knows.
         * @default {}
         */
        AccumulatedOutputs: {
            [key: string]: unknown;
        } | null;
        /**
         * @description US dollars as a decimal string, never negative. At most twelve digits before the point and twelve behind it.
         * @example 25.50
         */
        Amount: string;
        /** @description A key without its secret. */
        ApiKey: {
            createdAt: components["schemas"]["Timestamp"];
            /** @description When it ceases to work; null = never. */
            expiresAt: components["schemas"]["Timestamp"] | null;
            id: components["schemas"]["KeyId"];
            /** @description To the minute; null = never used. Absent from a server that does not record it. */
            lastUsedAt?: components["schemas"]["Timestamp"] | null;
            mode: components["schemas"]["KeyMode"];
            /** @description What its maker called it. */
            name: string;
            /** @description The organisation's slug. */
            org: components["schemas"]["Slug"];
            /** @description The one project that it opens; null for a key of the whole organisation. */
            project: components["schemas"]["Slug"] | null;
            /** @description What it may do. */
            scopes: components["schemas"]["KeyScope"][];
        };
        /** @description An image by its address. */
        Attachment: {
            /** @description A bare name for the model to refer to; no `/`, no `\`, no `..`. */
            filename?: string;
            /**
             * @description How the attachment is given.
             * @default url
             * @enum {string}
             */
            kind?: "url";
            /**
             * @description What it is. `mime_type` is read as well.
             * @enum {string}
             */
            mimeType: "image/jpeg" | "image/png" | "image/webp" | "image/gif";
            /**
             * Format: uri
             * @description Where the model finds it. https only.
             */
            url: string;
        };
        /**
         * @description Passed through to the model, never fetched or stored by the server. A model without the modality answers 400 `MODEL_MIME_INCOMPATIBLE`.
         * @default []
         */
        Attachments: components["schemas"]["Attachment"][] | null;
        /** @description An attempt's number, or `all`. */
        AttemptSelector: number | "all";
        /**
         * @description US dollars as an exact decimal string; below zero where the steps in flight cost more than was left.
         * @example 24.999588
         */
        Balance: string;
        /** @description How many top-level nodes the flow's tree has. Equal to the trace's `stepCount`. */
        BlockCount: number;
        /**
         * @description Step id → the members of its configuration to replace for this run (`prompt`, `model`, `temperature` …). An unknown step id is refused. `block_overrides` is read as well.
         * @default {}
         */
        BlockOverrides: {
            [key: string]: components["schemas"]["JsonObject"];
        } | null;
        /** @description A condition and what to run when it holds. */
        BranchCase: {
            if: components["schemas"]["Expression"];
            steps: components["schemas"]["Steps"];
        };
        /** @description Runs the steps of the first case that holds, else those of `else`, else hands its input on. The output is that path's. */
        BranchStep: {
            description?: components["schemas"]["StepDescription"];
            else?: components["schemas"]["Steps"];
            id: components["schemas"]["StepId"];
            name?: components["schemas"]["StepName"];
            /**
             * @description The kind of node.
             * @enum {string}
             */
            type: "branch";
            /** @description Tried in order. */
            when: components["schemas"]["BranchCase"][];
        };
        /** @description The run that is to end. */
        CancelAccepted: {
            executionId: components["schemas"]["ExecutionId"];
            status: components["schemas"]["RunStatus"];
        };
        /** @description Names the run by the key of the call that created it, for a caller who never saw its id. */
        CancelByKeyRequest: {
            idempotencyKey: components["schemas"]["IdempotencyKey"];
        };
        /**
         * @description How much of inputs and outputs traces and sessions show. `full`: all of it. `redacted`: all but what the project's rules remove. `metadata_only`: sizes, times, tokens and costs, and a failed step's input and error. `off`: not even those.
         * @enum {string}
         */
        CaptureMode: "full" | "redacted" | "metadata_only" | "off";
        /** @description A place among the status changes. Opaque. */
        ChangesCursor: string;
        /** @description Runs JavaScript in a sandbox without imports, network, timers, clock or randomness. */
        CodeStep: {
            /** @description The body of a function of `initial`, `input` and each field of the input whose name is an identifier. It must return a JSON object. */
            code: string;
            description?: components["schemas"]["StepDescription"];
            id: components["schemas"]["StepId"];
            /**
             * @description The only one there is.
             * @enum {string}
             */
            language: "javascript";
            name?: components["schemas"]["StepName"];
            retry?: components["schemas"]["RetryPolicy"];
            timeoutMs?: components["schemas"]["TimeoutMs"];
            /**
             * @description The kind of node.
             * @enum {string}
             */
            type: "code";
        };
        /** @description One part of a turn's content. Unknown kinds are passed through to the model. */
        ContentPart: {
            /** @description The text of a `text` part. */
            text?: string;
            /** @description `text` for text. */
            type: string;
        } & {
            [key: string]: unknown;
        };
        /** @description One turn of a conversation. Unknown members are passed through. */
        ConversationMessage: {
            /** @description What is said; null for an assistant's turn that only calls tools. */
            content?: string | components["schemas"]["ContentPart"][] | null;
            /** @description Which of several speakers of the role. */
            name?: string | null;
            /**
             * @description Who speaks. Anything else, `system` for one, is refused with `MESSAGES_ROLE_INVALID`.
             * @enum {string}
             */
            role: "user" | "assistant" | "tool";
            /** @description Which call a tool's turn answers. `tool_call_id` is read as well. */
            toolCallId?: string | null;
            /** @description Which tools an assistant's turn called. `tool_calls` is read as well. */
            toolCalls?: components["schemas"]["ToolCall"][] | null;
        } & {
            [key: string]: unknown;
        };
        /**
         * @description US dollars as a decimal string, exact. Add such strings as decimals, not as floating-point numbers.
         * @example 0.000412
         */
        CostUsd: string;
        /** @description A new key with its secret, which is shown this once. */
        CreatedKey: {
            key: components["schemas"]["ApiKey"];
            /** @description The whole key, as it goes behind `Bearer`. Only its hash is stored. */
            secret: string;
        };
        /** @description A project's account. Runs are charged what their traces say, over all attempts. */
        Credits: {
            /** @description What is left; null = there is no bound. */
            balanceUsd: components["schemas"]["Balance"] | null;
            /** @description What all runs have cost so far. Calls whose price is not known count nothing. */
            spentUsd: components["schemas"]["Balance"];
        };
        /** @description Credits on top of what is left. */
        CreditsAddRequest: {
            amountUsd: components["schemas"]["Amount"];
        };
        /** @description A new balance in place of what is left. */
        CreditsSetRequest: {
            balanceUsd: components["schemas"]["Amount"];
        };
        /** @description The whole new draft. */
        DraftUpdateRequest: {
            definition: components["schemas"]["FlowDefinition"];
        };
        /** @description Milliseconds of work, pauses not counted. */
        DurationMs: number;
        /**
         * @description Every code that this server writes. Which status each one travels with is listed at the responses (`x-error-codes`).
         * @enum {string}
         */
        ErrorCode: "INVALID_REQUEST" | "INVALID_VERSION" | "TOOLS_INVALID" | "TOOL_NAME_INVALID" | "TOOLS_NOT_ENABLED" | "TOOLS_IN_NON_SEQUENTIAL_STEP" | "TOOLS_REQUIRE_SYNC_EXECUTE" | "PAUSED_STEP_INVALID" | "EXECUTION_ID_INVALID" | "TOOL_RESULTS_MISMATCH" | "INVALID_STEP_INDEX" | "INVALID_FIRST_CALL" | "MISSING_MESSAGE" | "MESSAGES_ROLE_INVALID" | "PARAMETER_NAME_RESERVED" | "MODEL_MIME_INCOMPATIBLE" | "UNAUTHENTICATED" | "INSUFFICIENT_CREDITS" | "CREDITS_EXHAUSTED" | "FORBIDDEN" | "FLOW_NOT_FOUND" | "VERSION_NOT_FOUND" | "RUN_NOT_FOUND" | "STEP_NOT_FOUND" | "SESSION_NOT_FOUND" | "KEY_NOT_FOUND" | "EXECUTION_NOT_FOUND" | "TASK_NOT_FOUND" | "ROUTE_NOT_FOUND" | "METHOD_NOT_ALLOWED" | "TOOL_ITERATION_LIMIT" | "ALREADY_RESUMED" | "STALE_CURSOR" | "STALE_TREE" | "CANCELLED" | "FLOW_EXISTS" | "CREDITS_UNLIMITED" | "EXECUTION_BUSY" | "OUTPUTS_EXPIRED" | "TASK_NOT_EDITABLE" | "SESSION_EXPIRED" | "MESSAGES_TOO_LARGE" | "BODY_TOO_LARGE" | "UNSUPPORTED_MEDIA_TYPE" | "INPUT_INVALID" | "STEP_FAILED" | "MODEL_PROVIDER_ERROR" | "CODE_ERROR" | "OUTPUT_SCHEMA_MISMATCH" | "STEP_TIMEOUT" | "BYOK_KEY_REJECTED" | "WORKER_LOST" | "TOKEN_LIMIT_REACHED" | "COST_LIMIT_REACHED" | "PAUSE_EXPIRED" | "INVALID_TREE" | "NO_STEPS" | "FLOW_NOT_PUBLISHED" | "IDEMPOTENCY_KEY_REUSED" | "RATE_LIMITED" | "TOO_MANY_KEYS" | "INTERNAL_ERROR" | "NOT_IMPLEMENTED" | "BILLING_UNAVAILABLE" | "SHUTTING_DOWN";
        /** @description One error. Never a stack, a statement of SQL, a key, or a body from elsewhere. */
        ErrorDetail: {
            /** @description Stable, for machines. One of `ErrorCode` from this server; a client must bear codes that it does not know. */
            code: string;
            /**
             * Format: uri
             * @description A page that explains this code.
             */
            doc?: string;
            /** @description The run that the error belongs to, when there is one. */
            executionId?: components["schemas"]["ExecutionId"];
            /** @description Every fault of the request or definition, not only the first. */
            issues?: components["schemas"]["Issue"][];
            /** @description For people, names what is wrong and what to do. It may change between releases. */
            message: string;
            /** @description The node that the error belongs to, when there is one. */
            stepId?: components["schemas"]["StepId"];
        };
        /** @description Why a run or step failed. */
        ErrorInfo: {
            /** @description As in `ErrorDetail.code`. */
            code: string;
            /** @description For people. */
            message: string;
            /** @description The node that failed. */
            stepId?: components["schemas"]["StepId"];
        };
        /** @description The body of every answer that is not a success. */
        ErrorResponse: {
            detail: components["schemas"]["ErrorDetail"];
        };
        /** @description The place of an event in its run's log, counted 1, 2, 3 … without gaps. `0` stands before the first one. */
        EventCursor: number;
        /** @description One frame, its `data` parsed. This is the table from event name to data that types and validators are generated from. Only logged frames have an `id`. */
        EventFrame: {
            data: components["schemas"]["RunStartedData"];
            /** @enum {string} */
            event: "run_started";
            id?: components["schemas"]["FrameId"];
        } | {
            data: components["schemas"]["StepStartedData"];
            /** @enum {string} */
            event: "step_started";
            id: components["schemas"]["FrameId"];
        } | {
            data: components["schemas"]["StepInputData"];
            /** @enum {string} */
            event: "step_input";
            id: components["schemas"]["FrameId"];
        } | {
            data: components["schemas"]["StepOutputData"];
            /** @enum {string} */
            event: "step_output";
        } | {
            data: components["schemas"]["StepCompletedData"];
            /** @enum {string} */
            event: "step_completed";
            id: components["schemas"]["FrameId"];
        } | {
            data: components["schemas"]["StepErrorData"];
            /** @enum {string} */
            event: "step_error";
            id: components["schemas"]["FrameId"];
        } | {
            data: components["schemas"]["StepPausedData"];
            /** @enum {string} */
            event: "step_paused";
            id: components["schemas"]["FrameId"];
        } | {
            data: components["schemas"]["StepPausedForToolCallsData"];
            /** @enum {string} */
            event: "step_paused_for_tool_calls";
            id: components["schemas"]["FrameId"];
        } | {
            data: components["schemas"]["FlowCompletedData"];
            /** @enum {string} */
            event: "flow_completed";
            id: components["schemas"]["FrameId"];
        } | {
            data: components["schemas"]["StepProgressData"];
            /** @enum {string} */
            event: "step_progress";
            id?: components["schemas"]["FrameId"];
        } | {
            data: components["schemas"]["LoopCompletedData"];
            /** @enum {string} */
            event: "loop_completed";
            id: components["schemas"]["FrameId"];
        } | {
            data: components["schemas"]["StepRetryingData"];
            /** @enum {string} */
            event: "step_retrying";
            id: components["schemas"]["FrameId"];
        } | {
            data: components["schemas"]["StepResumedData"];
            /** @enum {string} */
            event: "step_resumed";
            id: components["schemas"]["FrameId"];
        };
        /** @description Server-sent events, UTF-8, lines ended by LF. Each frame is `id`, `event`, `data` with one line of JSON, and a blank line. `event` names the shape of `data`; the JSON itself does not repeat it. `id` is the event's place in the run's log, 1, 2, 3 … without gaps, and is missing on frames that are not logged: `step_output`, `step_progress` of phase `output`, and the copy of `run_started` that opens a later segment. Comment lines every ten seconds are heartbeats. Names that a client does not know are to be skipped. */
        EventStream: string;
        /** @description The run is finished. */
        ExecuteCompletedResponse: {
            blockCount: components["schemas"]["BlockCount"];
            executionId: components["schemas"]["ExecutionId"];
            flowId: components["schemas"]["FlowId"];
            /** @description The last step's output. */
            result: unknown;
            /**
             * @description Finished.
             * @enum {string}
             */
            status: "completed";
        };
        /** @description The run failed, told with status 200. Older servers answer so; this one answers 422. Kept so that a client knows it for a failure. */
        ExecuteFailedResponse: {
            blockCount?: components["schemas"]["BlockCount"];
            /** @description What there was of a reason. */
            error?: unknown;
            executionId?: components["schemas"]["ExecutionId"];
            flowId?: components["schemas"]["FlowId"];
            /** @description What there was of a result. */
            result?: unknown;
            /**
             * @description Failed.
             * @enum {string}
             */
            status: "failed";
        };
        /** @description The run waits for the results of `toolCalls`. It holds nothing meanwhile, and may be resumed days later. */
        ExecutePausedResponse: {
            /** @description Step id → output of the steps completed so far. Echo it. */
            accumulatedOutputs: {
                [key: string]: unknown;
            };
            blockCount: components["schemas"]["BlockCount"];
            executionId: components["schemas"]["ExecutionId"];
            flowId: components["schemas"]["FlowId"];
            /** @description Tool rounds so far, this one included. */
            iterationsUsed: number;
            pausedAtStep: components["schemas"]["StepId"];
            /**
             * @description Waits for tool results.
             * @enum {string}
             */
            status: "tool_calls_required";
            /** @description Opaque; echo verbatim. Ends with the assistant's message that asks. */
            toolCallMessages: components["schemas"]["ToolCallMessage"][];
            /** @description What to run. Answer each of them. */
            toolCalls: components["schemas"]["ToolCall"][];
        };
        /** @description Runs a flow, or resumes a pause when `executionId`, `pausedAtStep` and `toolCallMessages` are all present. A resume carries the first call's `parameters`, `blockOverrides`, `attachments`, `tools`, `toolChoice` and `trace` again; the server remembers `tools` when it does not. A top-level member that is null or empty counts as absent. */
        ExecuteRequest: {
            accumulatedOutputs?: components["schemas"]["AccumulatedOutputs"];
            attachments?: components["schemas"]["Attachments"];
            blockOverrides?: components["schemas"]["BlockOverrides"];
            /** @description Resume only. The paused run. */
            executionId?: string | null;
            iterationsUsed?: components["schemas"]["IterationsUsed"];
            message?: components["schemas"]["Message"];
            messages?: components["schemas"]["Messages"];
            parameters?: components["schemas"]["Parameters"];
            /** @description Resume only. The step that asked for tools, as the pause named it. */
            pausedAtStep?: string | null;
            toolCallMessages?: components["schemas"]["ToolCallMessages"];
            toolChoice?: components["schemas"]["ToolChoice"];
            tools?: components["schemas"]["Tools"];
            trace?: components["schemas"]["TraceFlag"];
        };
        /** @description How an execute ended. Switch on `status`. */
        ExecuteResponse: components["schemas"]["ExecuteCompletedResponse"] | components["schemas"]["ExecutePausedResponse"] | components["schemas"]["ExecuteFailedResponse"];
        /** @description An execution came to another status. */
        ExecutionChange: {
            at: components["schemas"]["Timestamp"];
            flow_execution_id: components["schemas"]["FlowExecutionId"];
            flow_id: components["schemas"]["FlowId"];
            /** @description Which of its runs that was. */
            run_number: number;
            status: components["schemas"]["ExecutionStatus"];
        };
        /** @description One error. Never a stack, a statement of SQL, a key, or a body from elsewhere. */
        ExecutionErrorDetail: {
            /** @description Stable, for machines. One of `ErrorCode`. */
            code: string;
            details?: components["schemas"]["ExecutionErrorDetails"];
            /** @description For people, names what is wrong and what to do. It may change between releases. */
            message: string;
        };
        /** @description What else there is to know. */
        ExecutionErrorDetails: {
            /** @description Every fault of the request, not only the first. */
            issues?: components["schemas"]["Issue"][];
        };
        /** @description The body of every answer below `/flow-executions` and `/task-executions` that is not a success. */
        ExecutionErrorResponse: {
            error: components["schemas"]["ExecutionErrorDetail"];
            /** @description Names the request in the server's logs, as `X-Request-ID` does. */
            request_id: string;
        };
        /** @description Server-sent events. The data of each `status_changed` is an `ExecutionChange`. */
        ExecutionEventStream: string;
        /** @description Why an execution or a task failed. */
        ExecutionFault: {
            /** @description As in `ErrorCode`. */
            code: string;
            /** @description For people. */
            message: string;
            /** @description The node that failed. */
            step_id?: components["schemas"]["StepPath"];
        };
        /** @description Names one run. Ours are UUIDv7; treat it as opaque. */
        ExecutionId: string;
        /** @description What the server sends on `/flow-executions/ws`. `ready` opens it; each `status_changed` is a change, with the cursor to resume from. */
        ExecutionSocketMessage: {
            /** @description Present in `status_changed`. */
            change?: components["schemas"]["ExecutionChange"];
            cursor: components["schemas"]["ChangesCursor"];
            /**
             * @description What it tells.
             * @enum {string}
             */
            type: "ready" | "status_changed";
        };
        /** @description The first message of a client that could set no headers. */
        ExecutionSocketRequest: {
            /** @description Resumes behind it. */
            cursor?: components["schemas"]["ChangesCursor"];
            /** @description An API key, `nk_…`. */
            token: string;
            /**
             * @description What it asks.
             * @enum {string}
             */
            type: "authenticate";
        };
        /**
         * @description Where an execution stands. `queued`: stored, no worker yet. `running`: a worker holds it. `in_progress`: at least one step has started. `awaiting_input`: it waits for tool results. `cancel_requested`: it is being cancelled. `stale`: an edited output made later results out of date, or its worker was lost and no other may take it. `deleted` is told by changes only.
         * @enum {string}
         */
        ExecutionStatus: "queued" | "running" | "in_progress" | "awaiting_input" | "cancel_requested" | "completed" | "failed" | "cancelled" | "stale" | "deleted";
        /** @description Some statuses. */
        ExecutionStatuses: components["schemas"]["ExecutionStatus"][];
        /** @description A CEL expression over the input's fields, `initial`, `steps`, `item` and `index`. Values are bound, never pasted in as text. */
        Expression: string;
        /** @description A flow, its draft and its production pointer. */
        Flow: {
            /** @description When it was archived; null = it is active. */
            archivedAt: components["schemas"]["Timestamp"] | null;
            createdAt: components["schemas"]["Timestamp"];
            /** @description For people. */
            description: string | null;
            draftUpdatedAt: components["schemas"]["Timestamp"];
            id: components["schemas"]["FlowId"];
            kind: components["schemas"]["FlowKind"];
            /** @description The newest published version; null when none was published. */
            latestVersion: components["schemas"]["PublishedVersion"] | null;
            /** @description For people. */
            name: string;
            /** @description The organisation's slug. */
            org: components["schemas"]["Slug"];
            /** @description What a path without a version segment runs; null = none was promoted, and the draft runs. */
            productionVersion: components["schemas"]["PublishedVersion"] | null;
            /** @description The project's slug. */
            project: components["schemas"]["Slug"];
            /** @description Its own slug. */
            slug: components["schemas"]["Slug"];
        };
        /** @description The run is finished. Terminal. */
        FlowCompletedData: {
            executionId: components["schemas"]["ExecutionId"];
            /** @description The last step's output; null when the run's outputs are no longer kept. */
            result: unknown;
            runId: components["schemas"]["ExecutionId"];
            summary: components["schemas"]["FlowCompletedSummary"];
        };
        /** @description The run in figures, over all attempts. */
        FlowCompletedSummary: {
            /** @description `"0"` when no model was called, and when the price of one is unknown; the trace then has null. */
            costUsd: components["schemas"]["CostUsd"];
            durationMs: components["schemas"]["DurationMs"];
            /** @description How many top-level nodes reported. */
            stepCount: number;
            /** @description Zeros when no model was called. */
            tokens: components["schemas"]["TokenCounts"];
        };
        /** @description A new flow. */
        FlowCreateRequest: {
            /** @description Its first draft. */
            definition: components["schemas"]["FlowDefinition"];
            /** @description For people. */
            description?: string | null;
            /** @description Absent = the definition's name, else the slug. */
            name?: string | null;
            slug: components["schemas"]["Slug"];
        };
        /** @description A flow as data, a tree of steps with the schema of its input. */
        FlowDefinition: {
            /** @description The address of this schema, for editors. */
            $schema?: string;
            /** @description Absent = the project's mode, `metadata_only` when it has none. */
            capture?: components["schemas"]["CaptureMode"];
            /** @description For people. */
            description?: string;
            /** @description The JSON Schema of an object, the flow's input. `message` fills its property of that name, else its first one. Absent = one optional string `message`. */
            input?: components["schemas"]["JsonSchema"];
            /** @description For people. Absent = the flow's slug. */
            name?: string;
            /** @description What the capture mode `redacted` hides of this flow, beside keys, e-mail addresses, card numbers and what the project names. */
            redact?: components["schemas"]["RedactionRules"];
            /** @description How long this flow's runs are kept. Absent = as the project says, for ever when it says nothing. */
            retention?: components["schemas"]["Retention"];
            /** @description The top level. Each node is one `stepIndex`. */
            steps: components["schemas"]["Steps"];
        };
        /** @description A flow with its draft. */
        FlowDetail: components["schemas"]["Flow"] & components["schemas"]["FlowDraft"];
        /** @description The definition that may still change. Null when none was written yet. */
        FlowDraft: {
            /** @description The draft; null when none was written yet. */
            draft: components["schemas"]["FlowDefinition"] | null;
        };
        /** @description An execution. */
        FlowExecution: {
            created_at: components["schemas"]["Timestamp"];
            /** @description Why it failed. On reads of one execution only. */
            error?: components["schemas"]["ExecutionFault"] | null;
            flow_id: components["schemas"]["FlowId"];
            flow_version: components["schemas"]["PublishedVersion"];
            id: components["schemas"]["FlowExecutionId"];
            /** @description As it was completed. Empty a day after the end of the run, unless that was captured. */
            input: components["schemas"]["JsonObject"];
            /** @description The public id of the key that last changed it. */
            modified_by: string;
            /** @description The organisation's slug. */
            organization_id: components["schemas"]["Slug"];
            /** @description The last step's output, once the execution is completed. On reads of one execution only. */
            result?: components["schemas"]["JsonObject"] | null;
            /** @description Its latest run. The run's trace is at `/flow-runs/{run_id}/trace`. */
            run_id: components["schemas"]["ExecutionId"];
            /** @description Which run that is, counted from 1. Present when `include_run_number` asks for it. */
            run_number?: number;
            status: components["schemas"]["ExecutionStatus"];
            /** @description When its status, or an output of it, last changed. */
            updated_at: components["schemas"]["Timestamp"];
            /** @description Where its end is told. Absent when nowhere. */
            webhook_url?: string;
        };
        /** @description What to run. */
        FlowExecutionCreateRequest: {
            /** @description The flow's UUID. It must be active and published. */
            flow_id: components["schemas"]["FlowId"];
            /** @description Checked against the flow's input schema, completed with its defaults, and otherwise passed on as it is. */
            input: components["schemas"]["JsonObject"];
            /** @description An https URL that is told, signed, how the execution ends. */
            webhook_url?: string | null;
        };
        /** @description Names one execution. It is also the id of its first run; treat it as opaque. */
        FlowExecutionId: string;
        /** @description A page of executions. */
        FlowExecutionList: components["schemas"]["FlowExecution"][];
        /** @description Names one flow for ever, also when its slug changes. Ours are UUIDs. */
        FlowId: string;
        /**
         * @description How the flow is called: `seq` flows live under `/seq`.
         * @enum {string}
         */
        FlowKind: "seq";
        /** @description A page of the project's active flows, by slug. */
        FlowList: {
            /** @description The flows. */
            items: components["schemas"]["Flow"][];
            nextCursor: components["schemas"]["NextCursor"];
        };
        /** @description One execution of one version of one flow. */
        FlowRun: {
            /** @description When it ended; null before. */
            completedAt: components["schemas"]["Timestamp"] | null;
            /** @description Pauses not counted; null while it runs. */
            durationMs: components["schemas"]["DurationMs"] | null;
            flowId: components["schemas"]["FlowId"];
            id: components["schemas"]["ExecutionId"];
            /** @description When its first step began; null while it waits. */
            startedAt: components["schemas"]["Timestamp"] | null;
            status: components["schemas"]["RunStatus"];
            /** @description How many top-level nodes its tree has. */
            stepCount: number | null;
            /** @description Over all attempts of all steps; null when no model was called, or a price is unknown. */
            totalCostUsd: components["schemas"]["CostUsd"] | null;
            /** @description Over all attempts of all steps; null when no model was called. */
            totalTokens: components["schemas"]["TokenCounts"] | null;
            /** @description Which call started it; null when that was not recorded. */
            triggerType: components["schemas"]["TriggerType"] | null;
            /** @description The version that runs; `0` is a draft, as it was when the run started. */
            version?: number;
        };
        /** @description A page of runs, newest first. */
        FlowRunList: {
            /** @description The runs. */
            items: components["schemas"]["FlowRun"][];
            nextCursor: components["schemas"]["NextCursor"];
        };
        /** @description Runs another flow of the same project. Cycles are refused. */
        FlowStep: {
            description?: components["schemas"]["StepDescription"];
            /** @description The other flow. */
            flow: components["schemas"]["Slug"];
            id: components["schemas"]["StepId"];
            /** @description Its input, name → value. Strings are templates. Absent = this node's input. */
            input?: {
                [key: string]: unknown;
            };
            name?: components["schemas"]["StepName"];
            /**
             * @description The kind of node.
             * @enum {string}
             */
            type: "flow";
            /**
             * @description Which of its versions; pinned when the run starts.
             * @default production
             */
            version?: ("production" | "draft") | components["schemas"]["PublishedVersion"];
        };
        /** @description What to check. */
        FlowValidateRequest: {
            /** @description Absent = the stored draft. Anything is taken here, so that every fault can be reported. */
            definition?: unknown;
        };
        /** @description A published version. It never changes. */
        FlowVersion: {
            /** @description SHA-256 of the definition's text. Runs are pinned to it. */
            hash: string;
            /** @description What its publisher said of it. */
            note: string | null;
            publishedAt: components["schemas"]["Timestamp"];
            version: components["schemas"]["PublishedVersion"];
        };
        /** @description A page of versions, newest first. */
        FlowVersionList: {
            /** @description The versions. */
            items: components["schemas"]["FlowVersion"][];
            nextCursor: components["schemas"]["NextCursor"];
        };
        /** @description The event's place in its run's log, counted from 1. */
        FrameId: number;
        /** @description The process is up. */
        Health: {
            /**
             * @description Always `ok`.
             * @enum {string}
             */
            status: "ok";
        };
        /** @description Chosen by the caller, one per logical call; a random UUID serves well. */
        IdempotencyKey: string;
        /** @description One fault in a body or a definition. */
        Issue: {
            /** @description Where in that line. */
            column?: number;
            /** @description What to write instead, when there is one thing to write. */
            fix?: string;
            /** @description Where in the file, when the definition came as a text. */
            line?: number;
            /** @description What is wrong there. */
            message: string;
            /** @description Where, as a path from the root: `attachments[0].url`, `steps[2].branches.tone[0].prompt`. Empty for the whole. */
            path: string;
        };
        /**
         * @description Resume only. The pause's `iterationsUsed`, echoed. The server keeps its own count; 25 rounds are its bound.
         * @default 0
         */
        IterationsUsed: number | null;
        /** @description The run is stored; it survives a restart from here on. */
        JobAccepted: {
            blockCount: components["schemas"]["BlockCount"];
            executionId: components["schemas"]["ExecutionId"];
            flowId: components["schemas"]["FlowId"];
            /**
             * @description Always `started`.
             * @enum {string}
             */
            status: "started";
        };
        /** @description Puts a run into the queue. `tools` are refused with `TOOLS_REQUIRE_SYNC_EXECUTE` and `attachments` with `INVALID_REQUEST`. A top-level member that is null or empty counts as absent. */
        JobRequest: {
            blockOverrides?: components["schemas"]["BlockOverrides"];
            message?: components["schemas"]["Message"];
            messages?: components["schemas"]["Messages"];
            parameters?: components["schemas"]["Parameters"];
            /**
             * @description Higher runs sooner. Within one priority the projects take turns, so that none starves.
             * @default 0
             */
            priority?: number | null;
            /**
             * Format: date-time
             * @description The earliest moment to start, by the server's clock. Absent = now.
             */
            startAfter?: string | null;
            trace?: components["schemas"]["TraceFlag"];
            /**
             * Format: uri
             * @description Told of the job's end, signed after Standard Webhooks with the project's `webhookSecret`, until it answers with 2xx: `job.completed` or `job.failed`, with the job's status. https, and no private address, but where the server's operator allows it.
             */
            webhookUrl?: string | null;
        };
        /** @description Where a job stands. */
        JobStatus: {
            /** @description Why it failed, for people; `cancelled` when it was cancelled. */
            error?: string | null;
            executionId: components["schemas"]["ExecutionId"];
            /** @description The last step's output, once completed. */
            result?: unknown;
            /** @description The run's own status. */
            state?: components["schemas"]["RunStatus"];
            /**
             * @description The four states that older clients know. A paused run reads `running` here; a cancelled one reads `failed` with `error: "cancelled"`.
             * @enum {string}
             */
            status: "pending" | "running" | "completed" | "failed";
        };
        /** @description Any JSON object. */
        JsonObject: {
            [key: string]: unknown;
        };
        /** @description A JSON Schema (draft 2020-12), written as an object. */
        JsonSchema: {
            [key: string]: unknown;
        };
        /** @description A new key for the project of the key that asks. It cannot be given a scope that the asking key lacks. */
        KeyCreateRequest: {
            /**
             * Format: date-time
             * @description Absent = never.
             */
            expiresAt?: string | null;
            /** @description Absent = `live`. */
            mode?: components["schemas"]["KeyMode"];
            /** @description What to call it. */
            name: string;
            /** @description True for a key that opens every project of the organisation, those made later too. Only such a key, or the operator's of a server with one organisation, can make one. Absent = false. */
            organisation?: boolean | null;
            /** @description Absent = `run` and `trace:read`. */
            scopes?: components["schemas"]["KeyScope"][] | null;
        };
        /** @description The public part of a key. */
        KeyId: string;
        /** @description The project's keys, newest first, revoked ones left out. */
        KeyList: {
            /** @description The keys. */
            items: components["schemas"]["ApiKey"][];
        };
        /**
         * @description Which prefix the key carries, `nk_live_` or `nk_test_`. It changes nothing else.
         * @enum {string}
         */
        KeyMode: "live" | "test";
        /**
         * @description What a key may do. `run`: run flows, follow and cancel runs. `trace:read`: read traces, run lists and sessions. `flow:write`: read and change definitions. `flow:promote`: move the production pointer. `key:write`: make, list and revoke keys. `admin`: all of these, and the project's credits.
         * @enum {string}
         */
        KeyScope: "run" | "trace:read" | "flow:write" | "flow:promote" | "key:write" | "admin";
        /** @description Asks a model. Its output is `{text}`, or an object of the schema in `output`. */
        LlmStep: {
            description?: components["schemas"]["StepDescription"];
            /** @description Models to ask in turn when the one before failed for good. */
            fallback?: components["schemas"]["ModelName"][];
            id: components["schemas"]["StepId"];
            /** @description Absent = the model's own bound. */
            maxOutputTokens?: number;
            model: components["schemas"]["ModelName"];
            name?: components["schemas"]["StepName"];
            /** @description The JSON Schema that the answer must satisfy. */
            output?: components["schemas"]["JsonSchema"];
            /** @description The user's turn. */
            prompt: components["schemas"]["Template"];
            retry?: components["schemas"]["RetryPolicy"];
            /** @description The system prompt. */
            system?: components["schemas"]["Template"];
            /** @description Absent = the model's own default. */
            temperature?: number;
            timeoutMs?: components["schemas"]["TimeoutMs"];
            /**
             * @description Whether this step may ask the caller for tools. Top level only.
             * @default false
             */
            tools?: boolean;
            /**
             * @description The kind of node.
             * @enum {string}
             */
            type: "llm";
        };
        /** @description A loop went through its items. */
        LoopCompletedData: {
            durationMs: components["schemas"]["DurationMs"];
            /** @description How many of them failed and were skipped or made null. */
            failedCount: number;
            /** @description How many items it had. */
            itemCount: number;
            loopPath: components["schemas"]["LoopPath"];
            /** @description The loop. */
            stepId: components["schemas"]["StepPath"];
        };
        /** @description The index of each enclosing loop's pass, outermost first. Empty outside loops. */
        LoopPath: number[];
        /** @description Runs its steps once per item. Each pass begins with `{item, index}`; the output is `{items}`, in order. */
        LoopStep: {
            /**
             * @description How many passes run at a time.
             * @default 1
             */
            concurrency?: number;
            description?: components["schemas"]["StepDescription"];
            id: components["schemas"]["StepId"];
            name?: components["schemas"]["StepName"];
            /**
             * @description What a failed pass does: `fail` ends the run, `skip` leaves its item out, `null` keeps its place with null. YAML reads a bare `null` as the null value; both that and the word are taken.
             * @default fail
             * @enum {string|null}
             */
            onError?: "fail" | "skip" | "null" | null;
            /** @description The path of an array in this node's input. */
            over: string;
            steps: components["schemas"]["Steps"];
            /**
             * @description The kind of node.
             * @enum {string}
             */
            type: "loop";
        };
        /** @description Shorthand for the flow's first declared input: the property named `message` when there is one, else the first in the definition's order. May be absent when `parameters` carries every required input. Given both ways with different values, the call is refused. */
        Message: string | null;
        /** @description A whole conversation instead of `message`: the last user entry's text fills `message`, the entries before it become turns of the first top-level llm step, and entries after it are not used. Not together with `message`. At most 1 000 000 bytes serialised, else 413 `MESSAGES_TOO_LARGE`. */
        Messages: components["schemas"]["ConversationMessage"][] | null;
        /**
         * @description `provider/model`. `noukai/echo` is built in and needs no network.
         * @example openai/gpt-5-mini
         */
        ModelName: string;
        /** @description What to send as `cursor` for the next page; null on the last one. */
        NextCursor: string | null;
        /** @description Where a list goes on. Opaque. */
        PageCursor: string;
        /**
         * @description How many entries a page holds at most.
         * @default 20
         */
        PageLimit: number;
        /** @description Runs its branches at the same time, all from its input. The output has one member per branch. */
        ParallelStep: {
            /** @description Branch name → its steps. Names are as step ids. */
            branches: {
                [key: string]: components["schemas"]["Steps"];
            };
            description?: components["schemas"]["StepDescription"];
            id: components["schemas"]["StepId"];
            name?: components["schemas"]["StepName"];
            /**
             * @description The kind of node.
             * @enum {string}
             */
            type: "parallel";
        };
        /**
         * @description Input name → value. Names that the flow does not declare are tolerated; `attachments` is reserved (`PARAMETER_NAME_RESERVED`).
         * @default {}
         */
        Parameters: {
            [key: string]: unknown;
        } | null;
        /** @description Hands its input on. It marks a place, or makes an input the flow's result. */
        PassthroughStep: {
            description?: components["schemas"]["StepDescription"];
            id: components["schemas"]["StepId"];
            name?: components["schemas"]["StepName"];
            /**
             * @description The kind of node.
             * @enum {string}
             */
            type: "passthrough";
        };
        /** @description What the project may use. Absent = unlimited. */
        ProjectLimits: {
            /** @description Runs in work at once. */
            concurrentRuns?: number;
            /** @description Calls that make or resume a run. */
            requestsPerMinute?: number;
            /** @description Over all steps and attempts of one run. */
            tokensPerRun?: number;
            /** @description US dollars, over all steps and attempts of one run. */
            usdPerRun?: components["schemas"]["UsdAmount"];
        };
        /** @description The settings of one project. Each member is optional, and so is the file. */
        ProjectSettings: {
            /** @description The address of this schema, for editors. */
            $schema?: string;
            /** @description The mode of flows that name none. Absent = `metadata_only`. */
            capture?: components["schemas"]["CaptureMode"];
            /** @description Origins whose pages may call this project's flows directly, beside those of the server. */
            corsOrigins?: string[];
            /** @description The project's balance in US dollars. Absent = unlimited. */
            creditsUsd?: components["schemas"]["UsdAmount"];
            limits?: components["schemas"]["ProjectLimits"];
            /** @description What flows under `redacted` hide beside keys, e-mail addresses and card numbers. */
            redact?: components["schemas"]["RedactionRules"];
            /** @description How long runs are kept whose flow says nothing about it. Absent = for ever. */
            retention?: components["schemas"]["Retention"];
            /**
             * @description Signs webhooks. `whsec_` and the base64 of 24 to 64 random bytes (Standard Webhooks).
             * @example whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz
             */
            webhookSecret?: string;
        };
        /** @description Moves the production pointer, forward or back. */
        PromoteRequest: {
            version: components["schemas"]["PublishedVersion"];
        };
        /** @description A published, immutable version. The first one is 1. */
        PublishedVersion: number;
        /** @description Publishes the draft as the next version. */
        PublishRequest: {
            /** @description What changed, for people. */
            note?: string | null;
        };
        /** @description Whether this process should be given work. */
        Readiness: {
            /** @description Check → `ok`, or what is wrong with it. */
            checks: {
                [key: string]: string;
            };
            /**
             * @description Only `ready` takes new calls.
             * @enum {string}
             */
            status: "ready" | "starting" | "draining" | "degraded";
        };
        /** @description Each match of the pattern is replaced by `[redacted:<name>]`. */
        RedactionRule: {
            /**
             * @description What stands in place of a match. Lowercase letters, digits and hyphens, a letter first.
             * @example customer-number
             */
            name: string;
            /**
             * @description A regular expression, matched anywhere in a text. Upper and lower case differ; begin it with `(?i)` and they do not. Look-around and back references do not exist here, so that no pattern can take long.
             * @example \bK-\d{8}\b
             */
            pattern: string;
        };
        /** @description Patterns of your own, for flows under the capture mode `redacted`. */
        RedactionRules: components["schemas"]["RedactionRule"][];
        /** @description How long runs are kept. Then all of them goes, the run itself with its trace. */
        Retention: {
            /** @description Days after a run's end. */
            days: number;
        };
        /** @description When and how often a failed attempt is followed by another. Full jitter. */
        RetryPolicy: {
            /**
             * @description By how much that wait grows each time.
             * @default 2
             */
            factor?: number;
            /**
             * @description The longest wait before the second attempt.
             * @default 500
             */
            initialMs?: number;
            /**
             * @description The first one included; 1 = never again.
             * @default 3
             */
            maxAttempts?: number;
        };
        /** @description What came of a run. */
        RunOutcome: {
            /** @description Why it failed or was cancelled; else null. */
            error: components["schemas"]["ErrorInfo"] | null;
            /** @description What the paused call was answered, while it waits for tool results; else null. */
            pause: components["schemas"]["ExecutePausedResponse"] | null;
            /** @description The last step's output once completed; null before, and when it is no longer kept. */
            result: unknown;
        };
        /** @description The run's first event. Later segments open with a copy of it without `id`. Older servers name it `flow_started`. */
        RunStartedData: {
            executionId: components["schemas"]["ExecutionId"];
            flowId: components["schemas"]["FlowId"];
            runId: components["schemas"]["ExecutionId"];
            /** @description How many top-level nodes will report. */
            stepCount: number;
        };
        /**
         * @description Where a run stands. `pending`: stored, no worker yet. `paused`: waits for tool results or for its next segment. `stale`: an edited step made later results out of date, or its worker was lost and no other may take it.
         * @enum {string}
         */
        RunStatus: "pending" | "running" | "paused" | "completed" | "failed" | "cancelled" | "stale";
        /** @description A run with what came of it. */
        RunSummary: components["schemas"]["FlowRun"] & components["schemas"]["RunOutcome"];
        /** @description One run of the session. */
        SessionExecution: {
            /** @description When it ended. */
            completedAt: components["schemas"]["Timestamp"] | null;
            /** @description The step that ended the run; null when none did. */
            errorAtStep: components["schemas"]["StepId"] | null;
            executionId: components["schemas"]["ExecutionId"];
            /** @description The flow; null when it is gone. */
            flowId: components["schemas"]["FlowId"] | null;
            /** @description The flow's bare slug; null when the flow is gone. */
            slug: string | null;
            /** @description Whether every top-level output is stored whole. Without it the run cannot be replayed. */
            snapshotsAvailable: boolean;
            /** @description When its first step began. */
            startedAt: components["schemas"]["Timestamp"] | null;
            /**
             * @description As the run's, but a paused or stale one reads `running`.
             * @enum {string}
             */
            status: "pending" | "running" | "completed" | "failed" | "cancelled";
            /** @description Top-level nodes only, the latest attempt of each, in the order of the tree. The last one's output is the result. */
            steps: components["schemas"]["SessionStep"][];
            /** @description The mode in effect for this run, `full` when it was traced. */
            traceCaptureMode: components["schemas"]["CaptureMode"] | null;
            /** @description Which call started it. */
            triggerType: components["schemas"]["TriggerType"] | null;
        };
        /** @description Names a session, a UUID that the caller chose. Any version will do, so this is a pattern and not the stricter `format`. */
        SessionId: string;
        /** @description What a session's runs did, enough to replay them. */
        SessionRecording: {
            /** @description In recording order. */
            executions: components["schemas"]["SessionExecution"][];
            sessionId: components["schemas"]["SessionId"];
        };
        /** @description One top-level node of a recorded run. */
        SessionStep: {
            /** @description The attempt that counted. */
            attempt: number;
            /** @description When it ended. */
            completedAt: components["schemas"]["Timestamp"] | null;
            /** @description Null while it runs. */
            durationMs: components["schemas"]["DurationMs"] | null;
            /** @description Why it failed. */
            errorSnapshot: components["schemas"]["ErrorInfo"] | null;
            /** @description What it was given. */
            inputSnapshot: components["schemas"]["JsonObject"] | null;
            /** @description Always null at the top level. */
            loopIndex: number | null;
            /** @description What it gave. */
            outputSnapshot: components["schemas"]["JsonObject"] | null;
            /** @description When it began. */
            startedAt: components["schemas"]["Timestamp"] | null;
            status: components["schemas"]["StepStatus"];
            stepId: components["schemas"]["StepId"];
            /** @description Whether a snapshot above is only a preview. */
            truncated: boolean;
        };
        /**
         * @description Lowercase letters, digits and hyphens, 2 to 50 characters, no hyphen at either end.
         * @example grade-3
         */
        Slug: string;
        /** @description One node of the tree. `type` says which kind. */
        Step: components["schemas"]["LlmStep"] | components["schemas"]["CodeStep"] | components["schemas"]["PassthroughStep"] | components["schemas"]["LoopStep"] | components["schemas"]["ParallelStep"] | components["schemas"]["BranchStep"] | components["schemas"]["FlowStep"];
        /** @description Every attempt of one step, the answer to `attempt=all`. */
        StepAttempts: {
            /** @description In attempt order. */
            attempts: components["schemas"]["StepTrace"][];
            stepId: components["schemas"]["StepPath"];
        };
        /** @description A top-level node is done. Exactly one per node. */
        StepCompletedData: {
            /** @description Likewise. `"0"` also when the price of a model is unknown, because clients in the field drop a frame without a string here; the trace then has null. */
            costUsd: components["schemas"]["CostUsd"];
            durationMs: components["schemas"]["DurationMs"];
            /** @description The model that answered, as `provider/model`; null when none was called, and for a container. Older servers leave it out. */
            modelUsed?: string | null;
            /** @description The node's name. */
            name: string;
            /** @description Its output; null when the run's outputs are no longer kept. */
            output: unknown;
            stepId: components["schemas"]["StepId"];
            stepIndex: components["schemas"]["StepIndex"];
            /** @description For a container the sum over what it holds; zeros when no model was called. */
            tokens: components["schemas"]["TokenCounts"];
        };
        /** @description For people. */
        StepDescription: string;
        /** @description The run ended here, by this step or by its own fault, which then names the step in flight or next. Terminal. A cancelled run ends with code `CANCELLED`. */
        StepErrorData: {
            error: components["schemas"]["ErrorInfo"];
            /** @description The node's name. */
            name: string;
            stepId: components["schemas"]["StepId"];
        };
        /**
         * @description The `id` of a node, unique in its flow's tree. A letter or underscore, then letters, digits, hyphens and underscores, at most 64 characters.
         * @example check
         */
        StepId: string;
        /** @description Which top-level node of the flow, from 0; absolute, also on a later segment. */
        StepIndex: number;
        /** @description What the node was given. */
        StepInputData: {
            /** @description Empty when the run's inputs are no longer kept. */
            inputData: components["schemas"]["JsonObject"];
            stepId: components["schemas"]["StepId"];
        };
        /**
         * @description The node's `type`.
         * @enum {string}
         */
        StepKind: "llm" | "code" | "passthrough" | "loop" | "parallel" | "branch" | "flow";
        /** @description For people. Absent = the step's `id`. */
        StepName: string;
        /** @description A piece of output as it is produced. Not logged, no `id`. Fold the pieces by `(stepId, attempt, loopPath)` and `offset`; after a reconnect the text so far comes again from offset 0. A `step_retrying` voids the text before it; `step_completed.output` is what counts. */
        StepOutputData: {
            /** @description The attempt that writes. */
            attempt: number;
            loopPath: components["schemas"]["LoopPath"];
            /** @description UTF-16 code units of this attempt's text before this piece. */
            offset: number;
            /** @description The piece. */
            outputData: {
                /** @description The text that an llm step added. */
                delta?: string;
            } & {
                [key: string]: unknown;
            };
            stepId: components["schemas"]["StepPath"];
        };
        /**
         * @description The `id` of a node that ran. Inside a sub-flow it stands behind those of the flow steps around it, with dots between: `sub.check`.
         * @example check
         * @example sub.check
         */
        StepPath: string;
        /** @description The segment ends here; the run waits for the next one. */
        StepPausedData: {
            /** @description What the next segment sends as `stepIndex`. */
            nextStepIndex: components["schemas"]["StepIndex"];
            stepId: components["schemas"]["StepId"];
            stepIndex: components["schemas"]["StepIndex"];
        };
        /** @description The run waits for the results of `toolCalls`. The segment ends here; the live trace stays open. */
        StepPausedForToolCallsData: {
            /** @description Step id → output of the steps completed so far. Echo it. */
            accumulatedOutputs: {
                [key: string]: unknown;
            };
            executionId: components["schemas"]["ExecutionId"];
            /** @description Tool rounds so far, this one included. */
            iterationsUsed: number;
            runId: components["schemas"]["ExecutionId"];
            stepId: components["schemas"]["StepId"];
            stepIndex: components["schemas"]["StepIndex"];
            /** @description Opaque; echo verbatim, then one tool message per call. */
            toolCallMessages: components["schemas"]["ToolCallMessage"][];
            /** @description What to run. Answer each of them. Empty when the run is over and its payloads are no longer kept. */
            toolCalls: components["schemas"]["ToolCall"][];
        };
        /** @description A step inside a container moved on. `phase` says which of the optional members are there. */
        StepProgressData: {
            /** @description The attempt that reports. */
            attempt: number;
            /** @description With `completed` and `failed`; null also when the price is unknown. */
            costUsd?: components["schemas"]["CostUsd"] | null;
            /** @description With `completed` and `failed`. */
            durationMs?: components["schemas"]["DurationMs"];
            /** @description With `failed`. The run goes on unless a `step_error` follows. */
            error?: components["schemas"]["ErrorInfo"];
            /** @description With `started`. */
            inputData?: components["schemas"]["JsonObject"];
            /** @description Which pass of the innermost loop; null outside loops. */
            loopIndex: number | null;
            loopPath: components["schemas"]["LoopPath"];
            /** @description The node's name. */
            name?: string;
            /** @description With `output`, as in `StepOutputData`. */
            offset?: number;
            /** @description With `completed`. */
            output?: unknown;
            /** @description With `output`, as in `StepOutputData`. */
            outputData?: components["schemas"]["JsonObject"];
            /** @description The container. */
            parentStepId: components["schemas"]["StepPath"];
            /**
             * @description `output` carries a piece of output and is not logged; the others are.
             * @enum {string}
             */
            phase: "started" | "output" | "completed" | "failed";
            stepId: components["schemas"]["StepPath"];
            /** @description With `completed` and `failed`; null when no model was called. */
            tokens?: components["schemas"]["TokenCounts"] | null;
        };
        /** @description Runs the step at `stepIndex`, or with `runRemaining` everything from there. The first call creates the run; later ones name it by `executionId` and need not repeat the input. The log wins: a repeated segment joins the running step or replays what is stored, and never runs a completed step again; another input for a completed index is 409 `STALE_CURSOR`. A resume names the same `executionId` and `stepIndex` and carries `toolCallMessages`. A top-level member that is null or empty counts as absent. */
        StepRequest: {
            accumulatedOutputs?: components["schemas"]["AccumulatedOutputs"];
            attachments?: components["schemas"]["Attachments"];
            blockOverrides?: components["schemas"]["BlockOverrides"];
            /** @description The run. Absent on the first call. */
            executionId?: string | null;
            /**
             * @description Step id → output. Stands in for a prior step's output in the steps not yet run.
             * @default {}
             */
            inputOverrides?: {
                [key: string]: unknown;
            } | null;
            iterationsUsed?: components["schemas"]["IterationsUsed"];
            message?: components["schemas"]["Message"];
            messages?: components["schemas"]["Messages"];
            parameters?: components["schemas"]["Parameters"];
            /**
             * @description True runs every step from `stepIndex` on one stream, which ends with `flow_completed` and never with `step_paused`.
             * @default false
             */
            runRemaining?: boolean | null;
            /**
             * @description Which top-level node to run, from 0. 0 on the first call, else `INVALID_FIRST_CALL`.
             * @default 0
             */
            stepIndex?: number | null;
            toolCallMessages?: components["schemas"]["ToolCallMessages"];
            toolChoice?: components["schemas"]["ToolChoice"];
            tools?: components["schemas"]["Tools"];
            trace?: components["schemas"]["TraceFlag"];
        };
        /** @description The caller has answered the tool calls; the step goes on within its attempt. */
        StepResumedData: {
            /** @description Tool rounds so far. */
            iterationsUsed: number;
            stepId: components["schemas"]["StepId"];
        };
        /** @description An attempt failed and another one follows. Text that the failed one wrote is void. */
        StepRetryingData: {
            /** @description The attempt that is about to start. */
            attempt: number;
            /** @description How long it waits first. */
            delayMs: number;
            error: components["schemas"]["ErrorInfo"];
            loopPath: components["schemas"]["LoopPath"];
            stepId: components["schemas"]["StepPath"];
        };
        /** @description A sequence. Each step's input is the output of the one before; the first one's is its container's. */
        Steps: components["schemas"]["Step"][];
        /** @description A top-level node begins. */
        StepStartedData: {
            /** @description The node's name. */
            name: string;
            stepId: components["schemas"]["StepId"];
            stepIndex: components["schemas"]["StepIndex"];
        };
        /**
         * @description How an attempt stands. `skipped` is a branch's untaken step.
         * @enum {string}
         */
        StepStatus: "running" | "completed" | "failed" | "skipped";
        /** @description One attempt of one step. */
        StepTrace: {
            /** @description The first try is 1. */
            attempt: number;
            /** @description When it ended; null before. */
            completedAt: components["schemas"]["Timestamp"] | null;
            /** @description Null for containers, where no model was called, and where the price is unknown. */
            costUsd: components["schemas"]["CostUsd"] | null;
            /** @description Null while it runs, and when it was skipped. */
            durationMs: components["schemas"]["DurationMs"] | null;
            /** @description Why it failed. */
            errorContext: components["schemas"]["JsonObject"] | null;
            /** @description What the step was given, as the capture mode allows. Over 64 KiB: `{preview}` and `truncated`. */
            inputContext: components["schemas"]["JsonObject"] | null;
            /** @description Of the original, as UTF-8 JSON. */
            inputSizeBytes: number | null;
            /** @description The run whose output this run took over, where it is a later one of an execution: the step did not run here, and cost nothing here. Absent for steps that ran. */
            keptFrom?: components["schemas"]["ExecutionId"];
            kind?: components["schemas"]["StepKind"];
            /** @description Which pass of the innermost loop; null outside loops. */
            loopIndex: number | null;
            loopPath?: components["schemas"]["LoopPath"];
            /** @description `provider/model` that answered, after fallbacks; null when none was called. */
            modelUsed: string | null;
            /** @description The node's name. */
            name?: string;
            /** @description What it gave, likewise. */
            outputContext: components["schemas"]["JsonObject"] | null;
            /** @description Of the original, as UTF-8 JSON. */
            outputSizeBytes: number | null;
            /** @description The container that the step stands in; null at the top level. */
            parentStepId?: components["schemas"]["StepPath"] | null;
            /** @description When the attempt began; null when it was skipped. */
            startedAt: components["schemas"]["Timestamp"] | null;
            status: components["schemas"]["StepStatus"];
            stepId: components["schemas"]["StepPath"];
            /** @description Null for containers and where no model was called. */
            tokens: components["schemas"]["TokenCounts"] | null;
            /** @description Whether a context above is only a preview. */
            truncated: boolean;
        };
        /** @description One attempt, or with `attempt=all` every one. */
        StepTraceResponse: components["schemas"]["StepTrace"] | components["schemas"]["StepAttempts"];
        /** @description A top-level step of an execution, as its latest run left it. What lies inside a container is in the run's trace. */
        TaskExecution: {
            /** @description Null before it ends. */
            completed_at: components["schemas"]["Timestamp"] | null;
            /** @description Likewise. Null too for a step whose output was kept, because nothing was paid for it in this run. */
            cost_usd: components["schemas"]["CostUsd"] | null;
            /** @description Likewise. */
            duration_ms: components["schemas"]["DurationMs"] | null;
            /** @description When its output was replaced since that run; null when it was not. */
            edited_at: components["schemas"]["Timestamp"] | null;
            /** @description Why it failed. */
            error: components["schemas"]["ExecutionFault"] | null;
            flow_execution_id: components["schemas"]["FlowExecutionId"];
            id: components["schemas"]["TaskExecutionId"];
            /** @description Its place among the flow's top-level steps, from 0. */
            index: number;
            /** @description Null where the capture mode does not show it. */
            input: components["schemas"]["JsonObject"] | null;
            /** @description The run whose output this run took over; null when the step ran itself. */
            kept_from_run_id: components["schemas"]["ExecutionId"] | null;
            /**
             * @description The node's type.
             * @enum {string}
             */
            kind: "llm" | "code" | "passthrough" | "parallel" | "loop" | "branch" | "flow";
            /** @description The node's name. */
            name: string;
            /** @description Null where there is none and where the capture mode does not show it. */
            output: components["schemas"]["JsonObject"] | null;
            /** @description The run that this is of. */
            run_id: components["schemas"]["ExecutionId"];
            /** @description Null before it begins. */
            started_at: components["schemas"]["Timestamp"] | null;
            status: components["schemas"]["TaskStatus"];
            step_id: components["schemas"]["StepId"];
            /** @description Of its latest attempt; null for steps that call no model. */
            tokens: components["schemas"]["TokenCounts"] | null;
        };
        /** @description Names one top-level step of one execution, whichever run it is in. Opaque. */
        TaskExecutionId: string;
        /** @description An execution's tasks, in the flow's order. */
        TaskExecutionList: components["schemas"]["TaskExecution"][];
        /** @description A new output for a task. */
        TaskOutputRequest: {
            /** @description An object, as outputs are. */
            output: components["schemas"]["JsonObject"];
        };
        /**
         * @description Where a task stands. `queued`: it has not begun. `stale`: a step before it was edited since, or its run ended before it did.
         * @enum {string}
         */
        TaskStatus: "queued" | "in_progress" | "awaiting_input" | "completed" | "failed" | "cancelled" | "stale";
        /** @description Text with `{{path}}` in it: `{{field}}` of the step's input, `{{initial.field}}` of the flow's, `{{steps.<id>.field}}` of an earlier step's output, `{{item}}` and `{{index}}` inside a loop. What is not a string is written as JSON. */
        Template: string;
        /** @description How long one attempt may take, in milliseconds. */
        TimeoutMs: number;
        /**
         * Format: date-time
         * @description A moment in ISO 8601 with its offset, to the millisecond.
         * @example 2026-11-20T09:30:12.481Z
         */
        Timestamp: string;
        /** @description What the model counted. `prompt` includes cached tokens, `completion` includes reasoning. */
        TokenCounts: {
            /** @description Tokens written. */
            completion: number;
            /** @description Tokens read. */
            prompt: number;
            /** @description Their sum. */
            total: number;
        };
        /** @description A function that the model may ask the caller to run, in OpenAI's form. */
        Tool: {
            function: components["schemas"]["ToolFunction"];
            /**
             * @description The only kind there is.
             * @enum {string}
             */
            type: "function";
        };
        /** @description One call that the model asks the caller to make. */
        ToolCall: {
            /** @description What to call, with what. */
            function: {
                /** @description The arguments as JSON text, as the model wrote it. */
                arguments: string;
                /** @description The tool's name. */
                name: string;
            };
            /** @description Names the call; the answer repeats it. */
            id: string;
            /**
             * @description The only kind there is.
             * @enum {string}
             */
            type: "function";
        };
        /** @description One message of the exchange between model and tools. What the server sent is opaque and goes back verbatim. A tool's answer names its call in `tool_call_id` or `toolCallId` and carries its result in `content` or `output`. */
        ToolCallMessage: {
            /** @description What is said, or what the tool answered: a string, or JSON. */
            content?: unknown;
            /** @description Another name for `content` in a tool's answer. */
            output?: unknown;
            /** @description `tool` for an answer. */
            role: string;
            /** @description Which call is answered. */
            tool_call_id?: string | null;
            /** @description The calls that an assistant's message asks for. */
            tool_calls?: components["schemas"]["ToolCall"][] | null;
            /** @description Another name for `tool_call_id`. */
            toolCallId?: string | null;
        } & {
            [key: string]: unknown;
        };
        /** @description Resume only. The pause's `toolCallMessages` unchanged, then one tool message per call. */
        ToolCallMessages: components["schemas"]["ToolCallMessage"][] | null;
        /** @description Whether the model may, must or must not call a tool, or which one it must call. */
        ToolChoice: components["schemas"]["ToolChoiceMode"] | components["schemas"]["ToolChoiceFunction"] | null;
        /** @description The one tool that the model must call. */
        ToolChoiceFunction: {
            /** @description The tool. */
            function: {
                /** @description The name of one of `tools`. */
                name: string;
            };
            /**
             * @description The only kind there is.
             * @enum {string}
             */
            type: "function";
        };
        /**
         * @description `auto` leaves it to the model.
         * @enum {string}
         */
        ToolChoiceMode: "auto" | "none" | "required";
        /** @description What the model is told of a tool. */
        ToolFunction: {
            /** @description When to call it, and what it does. */
            description?: string | null;
            /** @description Unique in the request, else `TOOL_NAME_INVALID`. */
            name: string;
            /** @description The JSON Schema of its arguments. Absent means that it takes none. */
            parameters?: components["schemas"]["JsonSchema"] | null;
            /** @description Whether the provider holds the model to the schema exactly. */
            strict?: boolean | null;
        };
        /**
         * @description Functions that the caller can run. Allowed when a sequential llm step of the flow has `tools` set to true.
         * @default []
         */
        Tools: components["schemas"]["Tool"][] | null;
        /** @description The run's log read as a tree. Adding up `steps` gives the latest attempts' cost, since rows of containers carry none. */
        Trace: {
            flowRun: components["schemas"]["FlowRun"];
            /** @description The latest attempt of each step. */
            steps: components["schemas"]["StepTrace"][];
        };
        /**
         * @description True captures whole inputs and outputs for this run, whatever the capture mode.
         * @default false
         */
        TraceFlag: boolean | null;
        /**
         * @description Which call started a run.
         * @enum {string}
         */
        TriggerType: "execute" | "step" | "job" | "api" | "schedule";
        /**
         * @description An amount of US dollars, a number or a decimal string.
         * @example 25.50
         */
        UsdAmount: number | string;
        /** @description Every fault of a definition, each with its place and its fix. */
        ValidationReport: {
            /** @description Empty when it is valid. */
            issues: components["schemas"]["Issue"][];
            /** @description Whether it could be published as it is. */
            valid: boolean;
        };
        /** @description A version as it stands in a path. `0` is the draft, N ≥ 1 the published version N. */
        VersionNumber: number;
    };
    responses: {
        /** @description The request is wrong in itself. `issues` names each fault with its path. */
        BadRequest: {
            headers: {
                "X-Request-ID": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"];
            };
        };
        /** @description The wish is stored. The run ends with `step_error` and code `CANCELLED` unless it ended by itself first. Repeating the call, also on a run that is already over, gives the same kind of answer and changes nothing. */
        CancelAccepted: {
            headers: {
                "X-Noukai-Execution-Id": components["headers"]["ExecutionId"];
                "X-Request-ID": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["CancelAccepted"];
            };
        };
        /** @description The run or flow is in a state that does not allow the call. */
        Conflict: {
            headers: {
                "X-Noukai-Execution-Id": components["headers"]["ExecutionIdIfAny"];
                "X-Request-ID": components["headers"]["RequestId"];
                "X-Should-Retry": components["headers"]["ShouldRetryIfKnown"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"];
            };
        };
        /** @description The run is over, or waits for tool results. `status` says which. */
        Executed: {
            headers: {
                "X-Noukai-Execution-Id": components["headers"]["ExecutionId"];
                "X-Request-ID": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ExecuteResponse"];
            };
        };
        /** @description The request is wrong in itself. */
        ExecutionBadRequest: {
            headers: {
                "X-Request-ID": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ExecutionErrorResponse"];
            };
        };
        /** @description The execution is in a state that does not allow the call. */
        ExecutionConflict: {
            headers: {
                "X-Request-ID": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ExecutionErrorResponse"];
            };
        };
        /** @description The key is good, but not for this scope. */
        ExecutionForbidden: {
            headers: {
                "X-Request-ID": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ExecutionErrorResponse"];
            };
        };
        /** @description The server's own fault. `request_id` finds it in the logs. */
        ExecutionInternalError: {
            headers: {
                "X-Request-ID": components["headers"]["RequestId"];
                "X-Should-Retry": components["headers"]["ShouldRetryIfKnown"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ExecutionErrorResponse"];
            };
        };
        /** @description There is no such thing, it was deleted, or it belongs to someone else; the answers are the same. */
        ExecutionNotFound: {
            headers: {
                "X-Request-ID": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ExecutionErrorResponse"];
            };
        };
        /** @description The project's credits do not cover another run. */
        ExecutionPaymentRequired: {
            headers: {
                "X-Request-ID": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ExecutionErrorResponse"];
            };
        };
        /** @description Too many calls. No run was created. */
        ExecutionRateLimited: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                "X-Request-ID": components["headers"]["RequestId"];
                "X-Should-Retry": components["headers"]["ShouldRetry"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ExecutionErrorResponse"];
            };
        };
        /** @description The body is over the limit. */
        ExecutionTooLarge: {
            headers: {
                "X-Request-ID": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ExecutionErrorResponse"];
            };
        };
        /** @description No key, not a key, or a key that is revoked or expired. */
        ExecutionUnauthenticated: {
            headers: {
                "X-Request-ID": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ExecutionErrorResponse"];
            };
        };
        /** @description The server cannot take the call now. No run was created. */
        ExecutionUnavailable: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                "X-Request-ID": components["headers"]["RequestId"];
                "X-Should-Retry": components["headers"]["ShouldRetry"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ExecutionErrorResponse"];
            };
        };
        /** @description The request is well-formed, and the flow cannot be run with it. */
        ExecutionUnprocessable: {
            headers: {
                "X-Request-ID": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ExecutionErrorResponse"];
            };
        };
        /** @description The body is not sent as `application/json`. */
        ExecutionUnsupportedMediaType: {
            headers: {
                "X-Request-ID": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ExecutionErrorResponse"];
            };
        };
        /** @description The key is good, but not for this project or not for this scope. */
        Forbidden: {
            headers: {
                "X-Request-ID": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"];
            };
        };
        /** @description The session was recorded, and its recording has expired. */
        Gone: {
            headers: {
                "X-Request-ID": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"];
            };
        };
        /** @description The server's own fault. The message says nothing of its inside; `X-Request-ID` finds it in the logs. */
        InternalError: {
            headers: {
                "X-Request-ID": components["headers"]["RequestId"];
                "X-Should-Retry": components["headers"]["ShouldRetryIfKnown"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"];
            };
        };
        /** @description The job is stored and waits for a worker. */
        JobAccepted: {
            headers: {
                "X-Noukai-Execution-Id": components["headers"]["ExecutionId"];
                "X-Request-ID": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["JobAccepted"];
            };
        };
        /** @description The run's logged events after `Last-Event-ID`, then its live tail. It stays open through pauses and ends at `flow_completed` or `step_error`. */
        LiveTraceStream: {
            headers: {
                "X-Noukai-Execution-Id": components["headers"]["ExecutionId"];
                "X-Request-ID": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "text/event-stream": components["schemas"]["EventStream"];
            };
        };
        /** @description There is no such thing, or it belongs to someone else; the answers are the same. */
        NotFound: {
            headers: {
                "X-Request-ID": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"];
            };
        };
        /** @description The request asks for something that this server does not do. No run was created. */
        NotImplemented: {
            headers: {
                "X-Request-ID": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"];
            };
        };
        /** @description The project's credits do not cover the run, before it starts or while it runs. */
        PaymentRequired: {
            headers: {
                "X-Noukai-Execution-Id": components["headers"]["ExecutionIdIfAny"];
                "X-Request-ID": components["headers"]["RequestId"];
                "X-Should-Retry": components["headers"]["ShouldRetryIfKnown"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"];
            };
        };
        /** @description Too many calls. No run was created. */
        RateLimited: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                "X-Request-ID": components["headers"]["RequestId"];
                "X-Should-Retry": components["headers"]["ShouldRetry"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"];
            };
        };
        /** @description The request was understood and the *flow* failed: the run ran and failed, or its definition cannot be run. Not a fault of the server, so not a 5xx: clients repeat those, and would run and bill a failing flow twice. */
        RunFailed: {
            headers: {
                "X-Noukai-Execution-Id": components["headers"]["ExecutionIdIfAny"];
                "X-Request-ID": components["headers"]["RequestId"];
                "X-Should-Retry": components["headers"]["ShouldRetryIfKnown"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"];
            };
        };
        /** @description One segment of the run as server-sent events, or the whole run with `runRemaining`. A stream that ends cleanly ends with a terminator: `step_paused`, `step_paused_for_tool_calls`, `step_error` or `flow_completed`. One that cannot be finished is reset, never ended: go on from `GET …/runs/{executionId}/trace/stream` with `Last-Event-ID`, and do not repeat the POST. */
        SegmentStream: {
            headers: {
                "X-Noukai-Execution-Id": components["headers"]["ExecutionId"];
                "X-Request-ID": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "text/event-stream": components["schemas"]["EventStream"];
            };
        };
        /** @description One attempt of the step, or with `attempt=all` every one. */
        StepTrace: {
            headers: {
                "X-Request-ID": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["StepTraceResponse"];
            };
        };
        /** @description The body, or its `messages`, is over the limit. */
        TooLarge: {
            headers: {
                "X-Request-ID": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"];
            };
        };
        /** @description The run and the latest attempt of each of its steps. */
        Trace: {
            headers: {
                "X-Request-ID": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Trace"];
            };
        };
        /** @description No key, not a key, or a key that is revoked or expired. */
        Unauthenticated: {
            headers: {
                "X-Request-ID": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"];
            };
        };
        /** @description The server cannot take the call now. No run was created. */
        Unavailable: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                "X-Request-ID": components["headers"]["RequestId"];
                "X-Should-Retry": components["headers"]["ShouldRetry"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"];
            };
        };
        /** @description The body is not sent as `application/json`. */
        UnsupportedMediaType: {
            headers: {
                "X-Request-ID": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"];
            };
        };
    };
    parameters: {
        /**
         * @description The contract's date that the client was written for. Never a reason to refuse a call.
         * @example 2026-05-31
         */
        apiVersion: string;
        /**
         * @description Which attempt of the step: absent = the latest, an integer from 1 = that one, `all` = every one, which answers `StepAttempts`.
         * @example 2
         */
        attempt: components["schemas"]["AttemptSelector"];
        /**
         * @description Resumes behind this change.
         * @example 0-42
         */
        changesCursor: components["schemas"]["ChangesCursor"];
        /**
         * @description Only changes of this flow's executions. Absent = of every flow that the key opens.
         * @example 0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31
         */
        changesFlowId: components["schemas"]["FlowId"];
        /**
         * @description Only executions that were made after this moment.
         * @example 2026-11-20T09:30:00.000Z
         */
        createdAfter: components["schemas"]["Timestamp"];
        /**
         * @description Only executions that were made before this moment.
         * @example 2026-11-20T09:30:00.000Z
         */
        createdBefore: components["schemas"]["Timestamp"];
        /**
         * @description `nextCursor` of the page before. Opaque; valid for the same filters only.
         * @example eyJpZCI6IjAxOTlmM2MyLTdhNDEifQ
         */
        cursor: components["schemas"]["PageCursor"];
        /**
         * @description Run what becomes stale at once.
         * @example true
         */
        executeFlow: boolean;
        /**
         * @description The flow whose executions to list.
         * @example 0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31
         */
        executionFlowId: components["schemas"]["FlowId"];
        /**
         * @description The run's id, from any answer's `executionId` or from `X-Noukai-Execution-Id`.
         * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
         */
        executionId: components["schemas"]["ExecutionId"];
        /**
         * @description Which way.
         * @example asc
         */
        executionSortDirection: "asc" | "desc";
        /**
         * @description What to sort by.
         * @example created_at
         */
        executionSortField: "created_at" | "updated_at";
        /**
         * @description Only executions in one of these. `status` is read too.
         * @example [
         *       "running",
         *       "in_progress"
         *     ]
         */
        executionStatuses: components["schemas"]["ExecutionStatuses"];
        /**
         * @description Only executions in none of these. `status_exclude` is read too.
         * @example [
         *       "failed"
         *     ]
         */
        executionStatusesExcluded: components["schemas"]["ExecutionStatuses"];
        /**
         * @description The flow's slug.
         * @example grade-3
         */
        flow: components["schemas"]["Slug"];
        /**
         * @description The execution's id.
         * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
         */
        flowExecutionId: components["schemas"]["FlowExecutionId"];
        /**
         * @description Only runs of this flow. Absent = every flow of the key's project.
         * @example 0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31
         */
        flowId: components["schemas"]["FlowId"];
        /**
         * @description The run's id. The same id as `executionId`.
         * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
         */
        flowRunId: components["schemas"]["ExecutionId"];
        /**
         * @description Makes the call safe to repeat for 24 hours within the project. Same key and same body: the same execution and the same answer, also while it is still running. Same key and another body: 422 `IDEMPOTENCY_KEY_REUSED`. Only calls that created or resumed a run are remembered.
         * @example 4e0f6c1a-9b7d-4f5e-8a32-6d1c0b9e7f84
         */
        idempotencyKey: components["schemas"]["IdempotencyKey"];
        /**
         * @description Whether to tell `run_number`.
         * @example true
         */
        includeRunNumber: boolean;
        /**
         * @description The key's public id, the eight characters behind `nk_live_` or `nk_test_`.
         * @example k7Qm2xVa
         */
        keyId: components["schemas"]["KeyId"];
        /**
         * @description The `id` of the last change seen.
         * @example 0-42
         */
        lastChangeId: components["schemas"]["ChangesCursor"];
        /**
         * @description The `id` of the last frame seen. The stream goes on with every logged event after it, each once and in order, then with the text so far of each step still open, then live.
         * @example 7
         */
        lastEventId: components["schemas"]["EventCursor"];
        /**
         * @description How many entries at most.
         * @example 50
         */
        limit: components["schemas"]["PageLimit"];
        /**
         * @description Which pass of the innermost loop around the step, from 0. Absent = the step outside a loop, or the last pass.
         * @example 3
         */
        loopIndex: number;
        /**
         * @description What becomes of the run when the caller's connection goes. `continue`: it runs on and can be watched or resumed; a server cannot tell an abort from a cut cable. `cancel`: it is cancelled.
         * @example continue
         */
        onDisconnect: "continue" | "cancel";
        /**
         * @description Run only what is out of date.
         * @example true
         */
        onlyStale: boolean;
        /**
         * @description The organisation's slug.
         * @example acme
         */
        org: components["schemas"]["Slug"];
        /**
         * @description Which page, from 1.
         * @example 2
         */
        page: number;
        /**
         * @description How many executions a page holds at most.
         * @example 50
         */
        pageSize: number;
        /**
         * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
         * @example spelling
         */
        project: components["schemas"]["Slug"];
        /**
         * @description Groups runs into a session, which can be replayed. A UUID. Sent with the call that creates a run; a resume and later `/step` segments inherit it from their execution and need not repeat it.
         * @example 5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c
         */
        session: components["schemas"]["SessionId"];
        /**
         * @description The UUID that the runs were recorded under.
         * @example 5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c
         */
        sessionId: components["schemas"]["SessionId"];
        /**
         * @description The list goes on behind this execution; `page` counts from there.
         * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
         */
        startFromExecutionId: components["schemas"]["FlowExecutionId"];
        /**
         * @description Only runs in this status.
         * @example failed
         */
        statusFilter: components["schemas"]["RunStatus"];
        /**
         * @description The `id` of a node in the flow's definition.
         * @example check
         */
        stepId: components["schemas"]["StepPath"];
        /**
         * @description The task's id.
         * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10:check
         */
        taskExecutionId: components["schemas"]["TaskExecutionId"];
        /**
         * @description The execution whose tasks to list.
         * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
         */
        taskFlowExecutionId: components["schemas"]["FlowExecutionId"];
        /**
         * @description Only executions that were last changed after this moment.
         * @example 2026-11-20T09:30:00.000Z
         */
        updatedAfter: components["schemas"]["Timestamp"];
        /**
         * @description Only executions that were last changed before this moment.
         * @example 2026-11-20T09:30:00.000Z
         */
        updatedBefore: components["schemas"]["Timestamp"];
        /**
         * @description `0` is the draft as it is now; N ≥ 1 is published version N. Written without a space or sign behind the `v`: `/v3/execute`.
         * @example 3
         */
        version: components["schemas"]["VersionNumber"];
    };
    requestBodies: {
        /** @description The flow's input, or the resume fields of a pause. An empty object runs a flow that requires no input. */
        Execute: {
            content: {
                "application/json": components["schemas"]["ExecuteRequest"];
            };
        };
        /** @description The flow's input, and when and how urgently to run it. */
        Job: {
            content: {
                "application/json": components["schemas"]["JobRequest"];
            };
        };
        /** @description The flow's input on the first segment; the cursor on every later one. */
        Step: {
            content: {
                "application/json": components["schemas"]["StepRequest"];
            };
        };
    };
    headers: {
        /**
         * @description The run that this call created or resumed. Sent before the first byte of the body, so that a cut answer can be picked up.
         * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
         */
        ExecutionId: components["schemas"]["ExecutionId"];
        /**
         * @description The run that the refusal is about. Absent when none was created.
         * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
         */
        ExecutionIdIfAny: components["schemas"]["ExecutionId"];
        /**
         * @description Names this request in the server's logs. On every response, errors included.
         * @example req_0199f3c27a417e0c
         */
        RequestId: string;
        /**
         * @description Whole seconds to wait before the same call may succeed.
         * @example 2
         */
        RetryAfter: number;
        /**
         * @description Overrides the client's own judgement whether to repeat the call.
         * @example true
         */
        ShouldRetry: "true" | "false";
        /**
         * @description The same where the server knows better than the status tells.
         * @example false
         */
        ShouldRetryIfKnown: "true" | "false";
    };
    pathItems: never;
}
/** Step id → output, echoed from the last answer. Ignored for steps that the run's log knows. */
export type AccumulatedOutputs = components['schemas']['AccumulatedOutputs'];
/** US dollars as a decimal string, never negative. At most twelve digits before the point and twelve behind it. */
export type Amount = components['schemas']['Amount'];
/** A key without its secret. */
export type ApiKey = components['schemas']['ApiKey'];
/** An image by its address. */
export type Attachment = components['schemas']['Attachment'];
/** Passed through to the model, never fetched or stored by the server. A model without the modality answers 400 `MODEL_MIME_INCOMPATIBLE`. */
export type Attachments = components['schemas']['Attachments'];
/** An attempt's number, or `all`. */
export type AttemptSelector = components['schemas']['AttemptSelector'];
/** US dollars as an exact decimal string; below zero where the steps in flight cost more than was left. */
export type Balance = components['schemas']['Balance'];
/** How many top-level nodes the flow's tree has. Equal to the trace's `stepCount`. */
export type BlockCount = components['schemas']['BlockCount'];
/** Step id → the members of its configuration to replace for this run (`prompt`, `model`, `temperature` …). An unknown step id is refused. `block_overrides` is read as well. */
export type BlockOverrides = components['schemas']['BlockOverrides'];
/** A condition and what to run when it holds. */
export type BranchCase = components['schemas']['BranchCase'];
/** Runs the steps of the first case that holds, else those of `else`, else hands its input on. The output is that path's. */
export type BranchStep = components['schemas']['BranchStep'];
/** The run that is to end. */
export type CancelAccepted = components['schemas']['CancelAccepted'];
/** Names the run by the key of the call that created it, for a caller who never saw its id. */
export type CancelByKeyRequest = components['schemas']['CancelByKeyRequest'];
/** How much of inputs and outputs traces and sessions show. `full`: all of it. `redacted`: all but what the project's rules remove. `metadata_only`: sizes, times, tokens and costs, and a failed step's input and error. `off`: not even those. */
export type CaptureMode = components['schemas']['CaptureMode'];
/** A place among the status changes. Opaque. */
export type ChangesCursor = components['schemas']['ChangesCursor'];
/** Runs JavaScript in a sandbox without imports, network, timers, clock or randomness. */
export type CodeStep = components['schemas']['CodeStep'];
/** One part of a turn's content. Unknown kinds are passed through to the model. */
export type ContentPart = components['schemas']['ContentPart'];
/** One turn of a conversation. Unknown members are passed through. */
export type ConversationMessage = components['schemas']['ConversationMessage'];
/** US dollars as a decimal string, exact. Add such strings as decimals, not as floating-point numbers. */
export type CostUsd = components['schemas']['CostUsd'];
/** A new key with its secret, which is shown this once. */
export type CreatedKey = components['schemas']['CreatedKey'];
/** A project's account. Runs are charged what their traces say, over all attempts. */
export type Credits = components['schemas']['Credits'];
/** Credits on top of what is left. */
export type CreditsAddRequest = components['schemas']['CreditsAddRequest'];
/** A new balance in place of what is left. */
export type CreditsSetRequest = components['schemas']['CreditsSetRequest'];
/** The whole new draft. */
export type DraftUpdateRequest = components['schemas']['DraftUpdateRequest'];
/** Milliseconds of work, pauses not counted. */
export type DurationMs = components['schemas']['DurationMs'];
/** Every code that this server writes. Which status each one travels with is listed at the responses (`x-error-codes`). */
export type ErrorCode = components['schemas']['ErrorCode'];
/** One error. Never a stack, a statement of SQL, a key, or a body from elsewhere. */
export type ErrorDetail = components['schemas']['ErrorDetail'];
/** Why a run or step failed. */
export type ErrorInfo = components['schemas']['ErrorInfo'];
/** The body of every answer that is not a success. */
export type ErrorResponse = components['schemas']['ErrorResponse'];
/** The place of an event in its run's log, counted 1, 2, 3 … without gaps. `0` stands before the first one. */
export type EventCursor = components['schemas']['EventCursor'];
/** One frame, its `data` parsed. This is the table from event name to data that types and validators are generated from. Only logged frames have an `id`. */
export type EventFrame = components['schemas']['EventFrame'];
/** Server-sent events, UTF-8, lines ended by LF. Each frame is `id`, `event`, `data` with one line of JSON, and a blank line. `event` names the shape of `data`; the JSON itself does not repeat it. `id` is the event's place in the run's log, 1, 2, 3 … without gaps, and is missing on frames that are not logged: `step_output`, `step_progress` of phase `output`, and the copy of `run_started` that opens a later segment. Comment lines every ten seconds are heartbeats. Names that a client does not know are to be skipped. */
export type EventStream = components['schemas']['EventStream'];
/** The run is finished. */
export type ExecuteCompletedResponse = components['schemas']['ExecuteCompletedResponse'];
/** The run failed, told with status 200. Older servers answer so; this one answers 422. Kept so that a client knows it for a failure. */
export type ExecuteFailedResponse = components['schemas']['ExecuteFailedResponse'];
/** The run waits for the results of `toolCalls`. It holds nothing meanwhile, and may be resumed days later. */
export type ExecutePausedResponse = components['schemas']['ExecutePausedResponse'];
/** Runs a flow, or resumes a pause when `executionId`, `pausedAtStep` and `toolCallMessages` are all present. A resume carries the first call's `parameters`, `blockOverrides`, `attachments`, `tools`, `toolChoice` and `trace` again; the server remembers `tools` when it does not. A top-level member that is null or empty counts as absent. */
export type ExecuteRequest = components['schemas']['ExecuteRequest'];
/** How an execute ended. Switch on `status`. */
export type ExecuteResponse = components['schemas']['ExecuteResponse'];
/** An execution came to another status. */
export type ExecutionChange = components['schemas']['ExecutionChange'];
/** One error. Never a stack, a statement of SQL, a key, or a body from elsewhere. */
export type ExecutionErrorDetail = components['schemas']['ExecutionErrorDetail'];
/** What else there is to know. */
export type ExecutionErrorDetails = components['schemas']['ExecutionErrorDetails'];
/** The body of every answer below `/flow-executions` and `/task-executions` that is not a success. */
export type ExecutionErrorResponse = components['schemas']['ExecutionErrorResponse'];
/** Server-sent events. The data of each `status_changed` is an `ExecutionChange`. */
export type ExecutionEventStream = components['schemas']['ExecutionEventStream'];
/** Why an execution or a task failed. */
export type ExecutionFault = components['schemas']['ExecutionFault'];
/** Names one run. Ours are UUIDv7; treat it as opaque. */
export type ExecutionId = components['schemas']['ExecutionId'];
/** What the server sends on `/flow-executions/ws`. `ready` opens it; each `status_changed` is a change, with the cursor to resume from. */
export type ExecutionSocketMessage = components['schemas']['ExecutionSocketMessage'];
/** The first message of a client that could set no headers. */
export type ExecutionSocketRequest = components['schemas']['ExecutionSocketRequest'];
/** Where an execution stands. `queued`: stored, no worker yet. `running`: a worker holds it. `in_progress`: at least one step has started. `awaiting_input`: it waits for tool results. `cancel_requested`: it is being cancelled. `stale`: an edited output made later results out of date, or its worker was lost and no other may take it. `deleted` is told by changes only. */
export type ExecutionStatus = components['schemas']['ExecutionStatus'];
/** Some statuses. */
export type ExecutionStatuses = components['schemas']['ExecutionStatuses'];
/** A CEL expression over the input's fields, `initial`, `steps`, `item` and `index`. Values are bound, never pasted in as text. */
export type Expression = components['schemas']['Expression'];
/** A flow, its draft and its production pointer. */
export type Flow = components['schemas']['Flow'];
/** The run is finished. Terminal. */
export type FlowCompletedData = components['schemas']['FlowCompletedData'];
/** The run in figures, over all attempts. */
export type FlowCompletedSummary = components['schemas']['FlowCompletedSummary'];
/** A new flow. */
export type FlowCreateRequest = components['schemas']['FlowCreateRequest'];
/** A flow as data, a tree of steps with the schema of its input. */
export type FlowDefinition = components['schemas']['FlowDefinition'];
/** A flow with its draft. */
export type FlowDetail = components['schemas']['FlowDetail'];
/** The definition that may still change. Null when none was written yet. */
export type FlowDraft = components['schemas']['FlowDraft'];
/** An execution. */
export type FlowExecution = components['schemas']['FlowExecution'];
/** What to run. */
export type FlowExecutionCreateRequest = components['schemas']['FlowExecutionCreateRequest'];
/** Names one execution. It is also the id of its first run; treat it as opaque. */
export type FlowExecutionId = components['schemas']['FlowExecutionId'];
/** A page of executions. */
export type FlowExecutionList = components['schemas']['FlowExecutionList'];
/** Names one flow for ever, also when its slug changes. Ours are UUIDs. */
export type FlowId = components['schemas']['FlowId'];
/** How the flow is called: `seq` flows live under `/seq`. */
export type FlowKind = components['schemas']['FlowKind'];
/** A page of the project's active flows, by slug. */
export type FlowList = components['schemas']['FlowList'];
/** One execution of one version of one flow. */
export type FlowRun = components['schemas']['FlowRun'];
/** A page of runs, newest first. */
export type FlowRunList = components['schemas']['FlowRunList'];
/** Runs another flow of the same project. Cycles are refused. */
export type FlowStep = components['schemas']['FlowStep'];
/** What to check. */
export type FlowValidateRequest = components['schemas']['FlowValidateRequest'];
/** A published version. It never changes. */
export type FlowVersion = components['schemas']['FlowVersion'];
/** A page of versions, newest first. */
export type FlowVersionList = components['schemas']['FlowVersionList'];
/** The event's place in its run's log, counted from 1. */
export type FrameId = components['schemas']['FrameId'];
/** The process is up. */
export type Health = components['schemas']['Health'];
/** Chosen by the caller, one per logical call; a random UUID serves well. */
export type IdempotencyKey = components['schemas']['IdempotencyKey'];
/** One fault in a body or a definition. */
export type Issue = components['schemas']['Issue'];
/** Resume only. The pause's `iterationsUsed`, echoed. The server keeps its own count; 25 rounds are its bound. */
export type IterationsUsed = components['schemas']['IterationsUsed'];
/** The run is stored; it survives a restart from here on. */
export type JobAccepted = components['schemas']['JobAccepted'];
/** Puts a run into the queue. `tools` are refused with `TOOLS_REQUIRE_SYNC_EXECUTE` and `attachments` with `INVALID_REQUEST`. A top-level member that is null or empty counts as absent. */
export type JobRequest = components['schemas']['JobRequest'];
/** Where a job stands. */
export type JobStatus = components['schemas']['JobStatus'];
/** Any JSON object. */
export type JsonObject = components['schemas']['JsonObject'];
/** A JSON Schema (draft 2020-12), written as an object. */
export type JsonSchema = components['schemas']['JsonSchema'];
/** A new key for the project of the key that asks. It cannot be given a scope that the asking key lacks. */
export type KeyCreateRequest = components['schemas']['KeyCreateRequest'];
/** The public part of a key. */
export type KeyId = components['schemas']['KeyId'];
/** The project's keys, newest first, revoked ones left out. */
export type KeyList = components['schemas']['KeyList'];
/** Which prefix the key carries, `nk_live_` or `nk_test_`. It changes nothing else. */
export type KeyMode = components['schemas']['KeyMode'];
/** What a key may do. `run`: run flows, follow and cancel runs. `trace:read`: read traces, run lists and sessions. `flow:write`: read and change definitions. `flow:promote`: move the production pointer. `key:write`: make, list and revoke keys. `admin`: all of these, and the project's credits. */
export type KeyScope = components['schemas']['KeyScope'];
/** Asks a model. Its output is `{text}`, or an object of the schema in `output`. */
export type LlmStep = components['schemas']['LlmStep'];
/** A loop went through its items. */
export type LoopCompletedData = components['schemas']['LoopCompletedData'];
/** The index of each enclosing loop's pass, outermost first. Empty outside loops. */
export type LoopPath = components['schemas']['LoopPath'];
/** Runs its steps once per item. Each pass begins with `{item, index}`; the output is `{items}`, in order. */
export type LoopStep = components['schemas']['LoopStep'];
/** Shorthand for the flow's first declared input: the property named `message` when there is one, else the first in the definition's order. May be absent when `parameters` carries every required input. Given both ways with different values, the call is refused. */
export type Message = components['schemas']['Message'];
/** A whole conversation instead of `message`: the last user entry's text fills `message`, the entries before it become turns of the first top-level llm step, and entries after it are not used. Not together with `message`. At most 1 000 000 bytes serialised, else 413 `MESSAGES_TOO_LARGE`. */
export type Messages = components['schemas']['Messages'];
/** `provider/model`. `noukai/echo` is built in and needs no network. */
export type ModelName = components['schemas']['ModelName'];
/** What to send as `cursor` for the next page; null on the last one. */
export type NextCursor = components['schemas']['NextCursor'];
/** Where a list goes on. Opaque. */
export type PageCursor = components['schemas']['PageCursor'];
/** How many entries a page holds at most. */
export type PageLimit = components['schemas']['PageLimit'];
/** Runs its branches at the same time, all from its input. The output has one member per branch. */
export type ParallelStep = components['schemas']['ParallelStep'];
/** Input name → value. Names that the flow does not declare are tolerated; `attachments` is reserved (`PARAMETER_NAME_RESERVED`). */
export type Parameters = components['schemas']['Parameters'];
/** Hands its input on. It marks a place, or makes an input the flow's result. */
export type PassthroughStep = components['schemas']['PassthroughStep'];
/** What the project may use. Absent = unlimited. */
export type ProjectLimits = components['schemas']['ProjectLimits'];
/** The settings of one project. Each member is optional, and so is the file. */
export type ProjectSettings = components['schemas']['ProjectSettings'];
/** Moves the production pointer, forward or back. */
export type PromoteRequest = components['schemas']['PromoteRequest'];
/** A published, immutable version. The first one is 1. */
export type PublishedVersion = components['schemas']['PublishedVersion'];
/** Publishes the draft as the next version. */
export type PublishRequest = components['schemas']['PublishRequest'];
/** Whether this process should be given work. */
export type Readiness = components['schemas']['Readiness'];
/** Each match of the pattern is replaced by `[redacted:<name>]`. */
export type RedactionRule = components['schemas']['RedactionRule'];
/** Patterns of your own, for flows under the capture mode `redacted`. */
export type RedactionRules = components['schemas']['RedactionRules'];
/** How long runs are kept. Then all of them goes, the run itself with its trace. */
export type Retention = components['schemas']['Retention'];
/** When and how often a failed attempt is followed by another. Full jitter. */
export type RetryPolicy = components['schemas']['RetryPolicy'];
/** What came of a run. */
export type RunOutcome = components['schemas']['RunOutcome'];
/** The run's first event. Later segments open with a copy of it without `id`. Older servers name it `flow_started`. */
export type RunStartedData = components['schemas']['RunStartedData'];
/** Where a run stands. `pending`: stored, no worker yet. `paused`: waits for tool results or for its next segment. `stale`: an edited step made later results out of date, or its worker was lost and no other may take it. */
export type RunStatus = components['schemas']['RunStatus'];
/** A run with what came of it. */
export type RunSummary = components['schemas']['RunSummary'];
/** One run of the session. */
export type SessionExecution = components['schemas']['SessionExecution'];
/** Names a session, a UUID that the caller chose. Any version will do, so this is a pattern and not the stricter `format`. */
export type SessionId = components['schemas']['SessionId'];
/** What a session's runs did, enough to replay them. */
export type SessionRecording = components['schemas']['SessionRecording'];
/** One top-level node of a recorded run. */
export type SessionStep = components['schemas']['SessionStep'];
/** Lowercase letters, digits and hyphens, 2 to 50 characters, no hyphen at either end. */
export type Slug = components['schemas']['Slug'];
/** One node of the tree. `type` says which kind. */
export type Step = components['schemas']['Step'];
/** Every attempt of one step, the answer to `attempt=all`. */
export type StepAttempts = components['schemas']['StepAttempts'];
/** A top-level node is done. Exactly one per node. */
export type StepCompletedData = components['schemas']['StepCompletedData'];
/** For people. */
export type StepDescription = components['schemas']['StepDescription'];
/** The run ended here, by this step or by its own fault, which then names the step in flight or next. Terminal. A cancelled run ends with code `CANCELLED`. */
export type StepErrorData = components['schemas']['StepErrorData'];
/** The `id` of a node, unique in its flow's tree. A letter or underscore, then letters, digits, hyphens and underscores, at most 64 characters. */
export type StepId = components['schemas']['StepId'];
/** Which top-level node of the flow, from 0; absolute, also on a later segment. */
export type StepIndex = components['schemas']['StepIndex'];
/** What the node was given. */
export type StepInputData = components['schemas']['StepInputData'];
/** The node's `type`. */
export type StepKind = components['schemas']['StepKind'];
/** For people. Absent = the step's `id`. */
export type StepName = components['schemas']['StepName'];
/** A piece of output as it is produced. Not logged, no `id`. Fold the pieces by `(stepId, attempt, loopPath)` and `offset`; after a reconnect the text so far comes again from offset 0. A `step_retrying` voids the text before it; `step_completed.output` is what counts. */
export type StepOutputData = components['schemas']['StepOutputData'];
/** The `id` of a node that ran. Inside a sub-flow it stands behind those of the flow steps around it, with dots between: `sub.check`. */
export type StepPath = components['schemas']['StepPath'];
/** The segment ends here; the run waits for the next one. */
export type StepPausedData = components['schemas']['StepPausedData'];
/** The run waits for the results of `toolCalls`. The segment ends here; the live trace stays open. */
export type StepPausedForToolCallsData = components['schemas']['StepPausedForToolCallsData'];
/** A step inside a container moved on. `phase` says which of the optional members are there. */
export type StepProgressData = components['schemas']['StepProgressData'];
/** Runs the step at `stepIndex`, or with `runRemaining` everything from there. The first call creates the run; later ones name it by `executionId` and need not repeat the input. The log wins: a repeated segment joins the running step or replays what is stored, and never runs a completed step again; another input for a completed index is 409 `STALE_CURSOR`. A resume names the same `executionId` and `stepIndex` and carries `toolCallMessages`. A top-level member that is null or empty counts as absent. */
export type StepRequest = components['schemas']['StepRequest'];
/** The caller has answered the tool calls; the step goes on within its attempt. */
export type StepResumedData = components['schemas']['StepResumedData'];
/** An attempt failed and another one follows. Text that the failed one wrote is void. */
export type StepRetryingData = components['schemas']['StepRetryingData'];
/** A sequence. Each step's input is the output of the one before; the first one's is its container's. */
export type Steps = components['schemas']['Steps'];
/** A top-level node begins. */
export type StepStartedData = components['schemas']['StepStartedData'];
/** How an attempt stands. `skipped` is a branch's untaken step. */
export type StepStatus = components['schemas']['StepStatus'];
/** One attempt of one step. */
export type StepTrace = components['schemas']['StepTrace'];
/** One attempt, or with `attempt=all` every one. */
export type StepTraceResponse = components['schemas']['StepTraceResponse'];
/** A top-level step of an execution, as its latest run left it. What lies inside a container is in the run's trace. */
export type TaskExecution = components['schemas']['TaskExecution'];
/** Names one top-level step of one execution, whichever run it is in. Opaque. */
export type TaskExecutionId = components['schemas']['TaskExecutionId'];
/** An execution's tasks, in the flow's order. */
export type TaskExecutionList = components['schemas']['TaskExecutionList'];
/** A new output for a task. */
export type TaskOutputRequest = components['schemas']['TaskOutputRequest'];
/** Where a task stands. `queued`: it has not begun. `stale`: a step before it was edited since, or its run ended before it did. */
export type TaskStatus = components['schemas']['TaskStatus'];
/** Text with `{{path}}` in it: `{{field}}` of the step's input, `{{initial.field}}` of the flow's, `{{steps.<id>.field}}` of an earlier step's output, `{{item}}` and `{{index}}` inside a loop. What is not a string is written as JSON. */
export type Template = components['schemas']['Template'];
/** How long one attempt may take, in milliseconds. */
export type TimeoutMs = components['schemas']['TimeoutMs'];
/** A moment in ISO 8601 with its offset, to the millisecond. */
export type Timestamp = components['schemas']['Timestamp'];
/** What the model counted. `prompt` includes cached tokens, `completion` includes reasoning. */
export type TokenCounts = components['schemas']['TokenCounts'];
/** A function that the model may ask the caller to run, in OpenAI's form. */
export type Tool = components['schemas']['Tool'];
/** One call that the model asks the caller to make. */
export type ToolCall = components['schemas']['ToolCall'];
/** One message of the exchange between model and tools. What the server sent is opaque and goes back verbatim. A tool's answer names its call in `tool_call_id` or `toolCallId` and carries its result in `content` or `output`. */
export type ToolCallMessage = components['schemas']['ToolCallMessage'];
/** Resume only. The pause's `toolCallMessages` unchanged, then one tool message per call. */
export type ToolCallMessages = components['schemas']['ToolCallMessages'];
/** Whether the model may, must or must not call a tool, or which one it must call. */
export type ToolChoice = components['schemas']['ToolChoice'];
/** The one tool that the model must call. */
export type ToolChoiceFunction = components['schemas']['ToolChoiceFunction'];
/** `auto` leaves it to the model. */
export type ToolChoiceMode = components['schemas']['ToolChoiceMode'];
/** What the model is told of a tool. */
export type ToolFunction = components['schemas']['ToolFunction'];
/** Functions that the caller can run. Allowed when a sequential llm step of the flow has `tools` set to true. */
export type Tools = components['schemas']['Tools'];
/** The run's log read as a tree. Adding up `steps` gives the latest attempts' cost, since rows of containers carry none. */
export type Trace = components['schemas']['Trace'];
/** True captures whole inputs and outputs for this run, whatever the capture mode. */
export type TraceFlag = components['schemas']['TraceFlag'];
/** Which call started a run. */
export type TriggerType = components['schemas']['TriggerType'];
/** An amount of US dollars, a number or a decimal string. */
export type UsdAmount = components['schemas']['UsdAmount'];
/** Every fault of a definition, each with its place and its fix. */
export type ValidationReport = components['schemas']['ValidationReport'];
/** A version as it stands in a path. `0` is the draft, N ≥ 1 the published version N. */
export type VersionNumber = components['schemas']['VersionNumber'];
export type ResponseBadRequest = components['responses']['BadRequest'];
export type ResponseCancelAccepted = components['responses']['CancelAccepted'];
export type ResponseConflict = components['responses']['Conflict'];
export type ResponseExecuted = components['responses']['Executed'];
export type ResponseExecutionBadRequest = components['responses']['ExecutionBadRequest'];
export type ResponseExecutionConflict = components['responses']['ExecutionConflict'];
export type ResponseExecutionForbidden = components['responses']['ExecutionForbidden'];
export type ResponseExecutionInternalError = components['responses']['ExecutionInternalError'];
export type ResponseExecutionNotFound = components['responses']['ExecutionNotFound'];
export type ResponseExecutionPaymentRequired = components['responses']['ExecutionPaymentRequired'];
export type ResponseExecutionRateLimited = components['responses']['ExecutionRateLimited'];
export type ResponseExecutionTooLarge = components['responses']['ExecutionTooLarge'];
export type ResponseExecutionUnauthenticated = components['responses']['ExecutionUnauthenticated'];
export type ResponseExecutionUnavailable = components['responses']['ExecutionUnavailable'];
export type ResponseExecutionUnprocessable = components['responses']['ExecutionUnprocessable'];
export type ResponseExecutionUnsupportedMediaType = components['responses']['ExecutionUnsupportedMediaType'];
export type ResponseForbidden = components['responses']['Forbidden'];
export type ResponseGone = components['responses']['Gone'];
export type ResponseInternalError = components['responses']['InternalError'];
export type ResponseJobAccepted = components['responses']['JobAccepted'];
export type ResponseLiveTraceStream = components['responses']['LiveTraceStream'];
export type ResponseNotFound = components['responses']['NotFound'];
export type ResponseNotImplemented = components['responses']['NotImplemented'];
export type ResponsePaymentRequired = components['responses']['PaymentRequired'];
export type ResponseRateLimited = components['responses']['RateLimited'];
export type ResponseRunFailed = components['responses']['RunFailed'];
export type ResponseSegmentStream = components['responses']['SegmentStream'];
export type ResponseStepTrace = components['responses']['StepTrace'];
export type ResponseTooLarge = components['responses']['TooLarge'];
export type ResponseTrace = components['responses']['Trace'];
export type ResponseUnauthenticated = components['responses']['Unauthenticated'];
export type ResponseUnavailable = components['responses']['Unavailable'];
export type ResponseUnsupportedMediaType = components['responses']['UnsupportedMediaType'];
export type ParameterApiVersion = components['parameters']['apiVersion'];
export type ParameterAttempt = components['parameters']['attempt'];
export type ParameterChangesCursor = components['parameters']['changesCursor'];
export type ParameterChangesFlowId = components['parameters']['changesFlowId'];
export type ParameterCreatedAfter = components['parameters']['createdAfter'];
export type ParameterCreatedBefore = components['parameters']['createdBefore'];
export type ParameterCursor = components['parameters']['cursor'];
export type ParameterExecuteFlow = components['parameters']['executeFlow'];
export type ParameterExecutionFlowId = components['parameters']['executionFlowId'];
export type ParameterExecutionId = components['parameters']['executionId'];
export type ParameterExecutionSortDirection = components['parameters']['executionSortDirection'];
export type ParameterExecutionSortField = components['parameters']['executionSortField'];
export type ParameterExecutionStatuses = components['parameters']['executionStatuses'];
export type ParameterExecutionStatusesExcluded = components['parameters']['executionStatusesExcluded'];
export type ParameterFlow = components['parameters']['flow'];
export type ParameterFlowExecutionId = components['parameters']['flowExecutionId'];
export type ParameterFlowId = components['parameters']['flowId'];
export type ParameterFlowRunId = components['parameters']['flowRunId'];
export type ParameterIdempotencyKey = components['parameters']['idempotencyKey'];
export type ParameterIncludeRunNumber = components['parameters']['includeRunNumber'];
export type ParameterKeyId = components['parameters']['keyId'];
export type ParameterLastChangeId = components['parameters']['lastChangeId'];
export type ParameterLastEventId = components['parameters']['lastEventId'];
export type ParameterLimit = components['parameters']['limit'];
export type ParameterLoopIndex = components['parameters']['loopIndex'];
export type ParameterOnDisconnect = components['parameters']['onDisconnect'];
export type ParameterOnlyStale = components['parameters']['onlyStale'];
export type ParameterOrg = components['parameters']['org'];
export type ParameterPage = components['parameters']['page'];
export type ParameterPageSize = components['parameters']['pageSize'];
export type ParameterProject = components['parameters']['project'];
export type ParameterSession = components['parameters']['session'];
export type ParameterSessionId = components['parameters']['sessionId'];
export type ParameterStartFromExecutionId = components['parameters']['startFromExecutionId'];
export type ParameterStatusFilter = components['parameters']['statusFilter'];
export type ParameterStepId = components['parameters']['stepId'];
export type ParameterTaskExecutionId = components['parameters']['taskExecutionId'];
export type ParameterTaskFlowExecutionId = components['parameters']['taskFlowExecutionId'];
export type ParameterUpdatedAfter = components['parameters']['updatedAfter'];
export type ParameterUpdatedBefore = components['parameters']['updatedBefore'];
export type ParameterVersion = components['parameters']['version'];
export type RequestBodyExecute = components['requestBodies']['Execute'];
export type RequestBodyJob = components['requestBodies']['Job'];
export type RequestBodyStep = components['requestBodies']['Step'];
export type HeaderExecutionId = components['headers']['ExecutionId'];
export type HeaderExecutionIdIfAny = components['headers']['ExecutionIdIfAny'];
export type HeaderRequestId = components['headers']['RequestId'];
export type HeaderRetryAfter = components['headers']['RetryAfter'];
export type HeaderShouldRetry = components['headers']['ShouldRetry'];
export type HeaderShouldRetryIfKnown = components['headers']['ShouldRetryIfKnown'];
export type $defs = Record<string, never>;
export interface operations {
    listFlowExecutions: {
        parameters: {
            query: {
                /**
                 * @description Only executions that were made after this moment.
                 * @example 2026-11-20T09:30:00.000Z
                 */
                created_after?: components["parameters"]["createdAfter"];
                /**
                 * @description Only executions that were made before this moment.
                 * @example 2026-11-20T09:30:00.000Z
                 */
                created_before?: components["parameters"]["createdBefore"];
                /**
                 * @description The flow whose executions to list.
                 * @example 0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31
                 */
                flow_id: components["parameters"]["executionFlowId"];
                /**
                 * @description Whether to tell `run_number`.
                 * @example true
                 */
                include_run_number?: components["parameters"]["includeRunNumber"];
                /**
                 * @description Which page, from 1.
                 * @example 2
                 */
                page?: components["parameters"]["page"];
                /**
                 * @description How many executions a page holds at most.
                 * @example 50
                 */
                page_size?: components["parameters"]["pageSize"];
                /**
                 * @description Which way.
                 * @example asc
                 */
                sort_direction?: components["parameters"]["executionSortDirection"];
                /**
                 * @description What to sort by.
                 * @example created_at
                 */
                sort_field?: components["parameters"]["executionSortField"];
                /**
                 * @description The list goes on behind this execution; `page` counts from there.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                start_from_execution_id?: components["parameters"]["startFromExecutionId"];
                /**
                 * @description Only executions in none of these. `status_exclude` is read too.
                 * @example [
                 *       "failed"
                 *     ]
                 */
                "status_exclude[]"?: components["parameters"]["executionStatusesExcluded"];
                /**
                 * @description Only executions in one of these. `status` is read too.
                 * @example [
                 *       "running",
                 *       "in_progress"
                 *     ]
                 */
                "status[]"?: components["parameters"]["executionStatuses"];
                /**
                 * @description Only executions that were last changed after this moment.
                 * @example 2026-11-20T09:30:00.000Z
                 */
                updated_after?: components["parameters"]["updatedAfter"];
                /**
                 * @description Only executions that were last changed before this moment.
                 * @example 2026-11-20T09:30:00.000Z
                 */
                updated_before?: components["parameters"]["updatedBefore"];
            };
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of executions. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FlowExecutionList"];
                };
            };
            400: components["responses"]["ExecutionBadRequest"];
            401: components["responses"]["ExecutionUnauthenticated"];
            403: components["responses"]["ExecutionForbidden"];
            404: components["responses"]["ExecutionNotFound"];
            429: components["responses"]["ExecutionRateLimited"];
            500: components["responses"]["ExecutionInternalError"];
        };
    };
    createFlowExecution: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the call safe to repeat for 24 hours within the project. Same key and same body: the same execution and the same answer, also while it is still running. Same key and another body: 422 `IDEMPOTENCY_KEY_REUSED`. Only calls that created or resumed a run are remembered.
                 * @example 4e0f6c1a-9b7d-4f5e-8a32-6d1c0b9e7f84
                 */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path?: never;
            cookie?: never;
        };
        /** @description The flow, and its input. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["FlowExecutionCreateRequest"];
            };
        };
        responses: {
            /** @description The execution is stored, and will be worked off whatever happens. */
            201: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FlowExecution"];
                };
            };
            400: components["responses"]["ExecutionBadRequest"];
            401: components["responses"]["ExecutionUnauthenticated"];
            402: components["responses"]["ExecutionPaymentRequired"];
            403: components["responses"]["ExecutionForbidden"];
            404: components["responses"]["ExecutionNotFound"];
            413: components["responses"]["ExecutionTooLarge"];
            415: components["responses"]["ExecutionUnsupportedMediaType"];
            422: components["responses"]["ExecutionUnprocessable"];
            429: components["responses"]["ExecutionRateLimited"];
            500: components["responses"]["ExecutionInternalError"];
            503: components["responses"]["ExecutionUnavailable"];
        };
    };
    getFlowExecution: {
        parameters: {
            query?: {
                /**
                 * @description Whether to tell `run_number`.
                 * @example true
                 */
                include_run_number?: components["parameters"]["includeRunNumber"];
            };
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The execution's id.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                flowExecutionId: components["parameters"]["flowExecutionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The execution. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FlowExecution"];
                };
            };
            400: components["responses"]["ExecutionBadRequest"];
            401: components["responses"]["ExecutionUnauthenticated"];
            403: components["responses"]["ExecutionForbidden"];
            404: components["responses"]["ExecutionNotFound"];
            429: components["responses"]["ExecutionRateLimited"];
            500: components["responses"]["ExecutionInternalError"];
        };
    };
    deleteFlowExecution: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The execution's id.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                flowExecutionId: components["parameters"]["flowExecutionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is hidden. */
            204: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["ExecutionUnauthenticated"];
            403: components["responses"]["ExecutionForbidden"];
            404: components["responses"]["ExecutionNotFound"];
            429: components["responses"]["ExecutionRateLimited"];
            500: components["responses"]["ExecutionInternalError"];
        };
    };
    cancelFlowExecution: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The execution's id.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                flowExecutionId: components["parameters"]["flowExecutionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The wish is stored. */
            204: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["ExecutionUnauthenticated"];
            403: components["responses"]["ExecutionForbidden"];
            404: components["responses"]["ExecutionNotFound"];
            429: components["responses"]["ExecutionRateLimited"];
            500: components["responses"]["ExecutionInternalError"];
        };
    };
    streamFlowExecution: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The `id` of the last change seen.
                 * @example 0-42
                 */
                "Last-Event-ID"?: components["parameters"]["lastChangeId"];
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The execution's id.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                flowExecutionId: components["parameters"]["flowExecutionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The execution's status changes, then its live tail. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["ExecutionEventStream"];
                };
            };
            400: components["responses"]["ExecutionBadRequest"];
            401: components["responses"]["ExecutionUnauthenticated"];
            403: components["responses"]["ExecutionForbidden"];
            404: components["responses"]["ExecutionNotFound"];
            429: components["responses"]["ExecutionRateLimited"];
            500: components["responses"]["ExecutionInternalError"];
        };
    };
    reexecuteFlowExecution: {
        parameters: {
            query?: {
                /**
                 * @description Run only what is out of date.
                 * @example true
                 */
                only_stale?: components["parameters"]["onlyStale"];
            };
            header?: {
                /**
                 * @description Makes the call safe to repeat for 24 hours within the project. Same key and same body: the same execution and the same answer, also while it is still running. Same key and another body: 422 `IDEMPOTENCY_KEY_REUSED`. Only calls that created or resumed a run are remembered.
                 * @example 4e0f6c1a-9b7d-4f5e-8a32-6d1c0b9e7f84
                 */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The execution's id.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                flowExecutionId: components["parameters"]["flowExecutionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The new run is stored. */
            204: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["ExecutionBadRequest"];
            401: components["responses"]["ExecutionUnauthenticated"];
            402: components["responses"]["ExecutionPaymentRequired"];
            403: components["responses"]["ExecutionForbidden"];
            404: components["responses"]["ExecutionNotFound"];
            409: components["responses"]["ExecutionConflict"];
            422: components["responses"]["ExecutionUnprocessable"];
            429: components["responses"]["ExecutionRateLimited"];
            500: components["responses"]["ExecutionInternalError"];
            503: components["responses"]["ExecutionUnavailable"];
        };
    };
    watchFlowExecutions: {
        parameters: {
            query?: {
                /**
                 * @description Resumes behind this change.
                 * @example 0-42
                 */
                cursor?: components["parameters"]["changesCursor"];
                /**
                 * @description Only changes of this flow's executions. Absent = of every flow that the key opens.
                 * @example 0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31
                 */
                flow_id?: components["parameters"]["changesFlowId"];
            };
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The protocol changes to WebSocket. */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["ExecutionBadRequest"];
            401: components["responses"]["ExecutionUnauthenticated"];
            403: components["responses"]["ExecutionForbidden"];
            429: components["responses"]["ExecutionRateLimited"];
            500: components["responses"]["ExecutionInternalError"];
        };
    };
    listFlowRuns: {
        parameters: {
            query?: {
                /**
                 * @description `nextCursor` of the page before. Opaque; valid for the same filters only.
                 * @example eyJpZCI6IjAxOTlmM2MyLTdhNDEifQ
                 */
                cursor?: components["parameters"]["cursor"];
                /**
                 * @description Only runs of this flow. Absent = every flow of the key's project.
                 * @example 0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31
                 */
                flow_id?: components["parameters"]["flowId"];
                /**
                 * @description How many entries at most.
                 * @example 50
                 */
                limit?: components["parameters"]["limit"];
                /**
                 * @description Only runs in this status.
                 * @example failed
                 */
                status?: components["parameters"]["statusFilter"];
            };
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of runs. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FlowRunList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    getFlowRun: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The run's id. The same id as `executionId`.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                flowRunId: components["parameters"]["flowRunId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The run, and what came of it. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunSummary"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    cancelFlowRun: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The run's id. The same id as `executionId`.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                flowRunId: components["parameters"]["flowRunId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: components["responses"]["CancelAccepted"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    getFlowRunStepTrace: {
        parameters: {
            query?: {
                /**
                 * @description Which attempt of the step: absent = the latest, an integer from 1 = that one, `all` = every one, which answers `StepAttempts`.
                 * @example 2
                 */
                attempt?: components["parameters"]["attempt"];
                /**
                 * @description Which pass of the innermost loop around the step, from 0. Absent = the step outside a loop, or the last pass.
                 * @example 3
                 */
                loop_index?: components["parameters"]["loopIndex"];
            };
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The run's id. The same id as `executionId`.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                flowRunId: components["parameters"]["flowRunId"];
                /**
                 * @description The `id` of a node in the flow's definition.
                 * @example check
                 */
                stepId: components["parameters"]["stepId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["StepTrace"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    getFlowRunTrace: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The run's id. The same id as `executionId`.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                flowRunId: components["parameters"]["flowRunId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Trace"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    streamFlowRunTrace: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The `id` of the last frame seen. The stream goes on with every logged event after it, each once and in order, then with the text so far of each step still open, then live.
                 * @example 7
                 */
                "Last-Event-ID"?: components["parameters"]["lastEventId"];
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The run's id. The same id as `executionId`.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                flowRunId: components["parameters"]["flowRunId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["LiveTraceStream"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    listKeys: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The keys. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyList"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    createKey: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path?: never;
            cookie?: never;
        };
        /** @description What the key is for. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeyCreateRequest"];
            };
        };
        responses: {
            /** @description The new key. */
            201: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedKey"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    revokeKey: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The key's public id, the eight characters behind `nk_live_` or `nk_test_`.
                 * @example k7Qm2xVa
                 */
                keyId: components["parameters"]["keyId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is revoked. */
            204: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    verifyKey: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key that made this call. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The figures. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    getOpenApiDocument: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The document. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JsonObject"];
                };
            };
        };
    };
    getCredits: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credits"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    setCredits: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        /** @description The new balance. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreditsSetRequest"];
            };
        };
        responses: {
            /** @description The account. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credits"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    addCredits: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the call safe to repeat for 24 hours within the project. Same key and same body: the same execution and the same answer, also while it is still running. Same key and another body: 422 `IDEMPOTENCY_KEY_REUSED`. Only calls that created or resumed a run are remembered.
                 * @example 4e0f6c1a-9b7d-4f5e-8a32-6d1c0b9e7f84
                 */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        /** @description How much. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreditsAddRequest"];
            };
        };
        responses: {
            /** @description The account. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credits"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["RunFailed"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    removeCreditBound: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credits"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    listFlows: {
        parameters: {
            query?: {
                /**
                 * @description `nextCursor` of the page before. Opaque; valid for the same filters only.
                 * @example eyJpZCI6IjAxOTlmM2MyLTdhNDEifQ
                 */
                cursor?: components["parameters"]["cursor"];
                /**
                 * @description How many entries at most.
                 * @example 50
                 */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of flows. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FlowList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    createFlow: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        /** @description The flow. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["FlowCreateRequest"];
            };
        };
        responses: {
            /** @description The new flow. */
            201: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Flow"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["RunFailed"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    getFlow: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The flow. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FlowDetail"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    replaceDraft: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        /** @description The whole new draft. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["DraftUpdateRequest"];
            };
        };
        responses: {
            /** @description The flow with its new draft. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FlowDetail"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["RunFailed"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    archiveFlow: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The archived flow. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Flow"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    promoteFlow: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        /** @description The version. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["PromoteRequest"];
            };
        };
        responses: {
            /** @description The flow with its new pointer. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Flow"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    validateFlow: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        /** @description The definition; absent = the stored draft. */
        requestBody?: {
            content: {
                "application/json": components["schemas"]["FlowValidateRequest"];
            };
        };
        responses: {
            /** @description What is wrong with it. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ValidationReport"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    listFlowVersions: {
        parameters: {
            query?: {
                /**
                 * @description `nextCursor` of the page before. Opaque; valid for the same filters only.
                 * @example eyJpZCI6IjAxOTlmM2MyLTdhNDEifQ
                 */
                cursor?: components["parameters"]["cursor"];
                /**
                 * @description How many entries at most.
                 * @example 50
                 */
                limit?: components["parameters"]["limit"];
            };
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of versions. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FlowVersionList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    publishFlow: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        /** @description A note for people. */
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PublishRequest"];
            };
        };
        responses: {
            /** @description The new version. */
            201: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FlowVersion"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["RunFailed"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    getReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Yes. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description No; `checks` says why. */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
        };
    };
    getFlowSchema: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The schema. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/schema+json": components["schemas"]["JsonSchema"];
                };
            };
        };
    };
    getProjectSchema: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The schema. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/schema+json": components["schemas"]["JsonSchema"];
                };
            };
        };
    };
    executeFlow: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the call safe to repeat for 24 hours within the project. Same key and same body: the same execution and the same answer, also while it is still running. Same key and another body: 422 `IDEMPOTENCY_KEY_REUSED`. Only calls that created or resumed a run are remembered.
                 * @example 4e0f6c1a-9b7d-4f5e-8a32-6d1c0b9e7f84
                 */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
                /**
                 * @description What becomes of the run when the caller's connection goes. `continue`: it runs on and can be watched or resumed; a server cannot tell an abort from a cut cable. `cancel`: it is cancelled.
                 * @example continue
                 */
                "X-Noukai-On-Disconnect"?: components["parameters"]["onDisconnect"];
                /**
                 * @description Groups runs into a session, which can be replayed. A UUID. Sent with the call that creates a run; a resume and later `/step` segments inherit it from their execution and need not repeat it.
                 * @example 5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c
                 */
                "X-Session-Id"?: components["parameters"]["session"];
            };
            path: {
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["Execute"];
        responses: {
            200: components["responses"]["Executed"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["PaymentRequired"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["RunFailed"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            501: components["responses"]["NotImplemented"];
            503: components["responses"]["Unavailable"];
        };
    };
    submitJob: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the call safe to repeat for 24 hours within the project. Same key and same body: the same execution and the same answer, also while it is still running. Same key and another body: 422 `IDEMPOTENCY_KEY_REUSED`. Only calls that created or resumed a run are remembered.
                 * @example 4e0f6c1a-9b7d-4f5e-8a32-6d1c0b9e7f84
                 */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
                /**
                 * @description Groups runs into a session, which can be replayed. A UUID. Sent with the call that creates a run; a resume and later `/step` segments inherit it from their execution and need not repeat it.
                 * @example 5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c
                 */
                "X-Session-Id"?: components["parameters"]["session"];
            };
            path: {
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["Job"];
        responses: {
            202: components["responses"]["JobAccepted"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["PaymentRequired"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["RunFailed"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            501: components["responses"]["NotImplemented"];
            503: components["responses"]["Unavailable"];
        };
    };
    getJob: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The run's id, from any answer's `executionId` or from `X-Noukai-Execution-Id`.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                executionId: components["parameters"]["executionId"];
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Where the job stands. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobStatus"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    cancelJob: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The run's id, from any answer's `executionId` or from `X-Noukai-Execution-Id`.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                executionId: components["parameters"]["executionId"];
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: components["responses"]["CancelAccepted"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    getRun: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The run's id, from any answer's `executionId` or from `X-Noukai-Execution-Id`.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                executionId: components["parameters"]["executionId"];
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The run, and what came of it. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunSummary"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    cancelRun: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The run's id, from any answer's `executionId` or from `X-Noukai-Execution-Id`.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                executionId: components["parameters"]["executionId"];
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: components["responses"]["CancelAccepted"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    getRunStepTrace: {
        parameters: {
            query?: {
                /**
                 * @description Which attempt of the step: absent = the latest, an integer from 1 = that one, `all` = every one, which answers `StepAttempts`.
                 * @example 2
                 */
                attempt?: components["parameters"]["attempt"];
                /**
                 * @description Which pass of the innermost loop around the step, from 0. Absent = the step outside a loop, or the last pass.
                 * @example 3
                 */
                loop_index?: components["parameters"]["loopIndex"];
            };
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The run's id, from any answer's `executionId` or from `X-Noukai-Execution-Id`.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                executionId: components["parameters"]["executionId"];
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
                /**
                 * @description The `id` of a node in the flow's definition.
                 * @example check
                 */
                stepId: components["parameters"]["stepId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["StepTrace"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    getRunTrace: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The run's id, from any answer's `executionId` or from `X-Noukai-Execution-Id`.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                executionId: components["parameters"]["executionId"];
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Trace"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    streamRunTrace: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The `id` of the last frame seen. The stream goes on with every logged event after it, each once and in order, then with the text so far of each step still open, then live.
                 * @example 7
                 */
                "Last-Event-ID"?: components["parameters"]["lastEventId"];
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The run's id, from any answer's `executionId` or from `X-Noukai-Execution-Id`.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                executionId: components["parameters"]["executionId"];
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["LiveTraceStream"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    cancelRunByKey: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        /** @description The key of the call that created the run. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["CancelByKeyRequest"];
            };
        };
        responses: {
            202: components["responses"]["CancelAccepted"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    stepFlow: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the call safe to repeat for 24 hours within the project. Same key and same body: the same execution and the same answer, also while it is still running. Same key and another body: 422 `IDEMPOTENCY_KEY_REUSED`. Only calls that created or resumed a run are remembered.
                 * @example 4e0f6c1a-9b7d-4f5e-8a32-6d1c0b9e7f84
                 */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
                /**
                 * @description The `id` of the last frame seen. The stream goes on with every logged event after it, each once and in order, then with the text so far of each step still open, then live.
                 * @example 7
                 */
                "Last-Event-ID"?: components["parameters"]["lastEventId"];
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
                /**
                 * @description What becomes of the run when the caller's connection goes. `continue`: it runs on and can be watched or resumed; a server cannot tell an abort from a cut cable. `cancel`: it is cancelled.
                 * @example continue
                 */
                "X-Noukai-On-Disconnect"?: components["parameters"]["onDisconnect"];
                /**
                 * @description Groups runs into a session, which can be replayed. A UUID. Sent with the call that creates a run; a resume and later `/step` segments inherit it from their execution and need not repeat it.
                 * @example 5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c
                 */
                "X-Session-Id"?: components["parameters"]["session"];
            };
            path: {
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["Step"];
        responses: {
            200: components["responses"]["SegmentStream"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["PaymentRequired"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["RunFailed"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            501: components["responses"]["NotImplemented"];
            503: components["responses"]["Unavailable"];
        };
    };
    executeFlowVersion: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the call safe to repeat for 24 hours within the project. Same key and same body: the same execution and the same answer, also while it is still running. Same key and another body: 422 `IDEMPOTENCY_KEY_REUSED`. Only calls that created or resumed a run are remembered.
                 * @example 4e0f6c1a-9b7d-4f5e-8a32-6d1c0b9e7f84
                 */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
                /**
                 * @description What becomes of the run when the caller's connection goes. `continue`: it runs on and can be watched or resumed; a server cannot tell an abort from a cut cable. `cancel`: it is cancelled.
                 * @example continue
                 */
                "X-Noukai-On-Disconnect"?: components["parameters"]["onDisconnect"];
                /**
                 * @description Groups runs into a session, which can be replayed. A UUID. Sent with the call that creates a run; a resume and later `/step` segments inherit it from their execution and need not repeat it.
                 * @example 5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c
                 */
                "X-Session-Id"?: components["parameters"]["session"];
            };
            path: {
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
                /**
                 * @description `0` is the draft as it is now; N ≥ 1 is published version N. Written without a space or sign behind the `v`: `/v3/execute`.
                 * @example 3
                 */
                version: components["parameters"]["version"];
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["Execute"];
        responses: {
            200: components["responses"]["Executed"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["PaymentRequired"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["RunFailed"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            501: components["responses"]["NotImplemented"];
            503: components["responses"]["Unavailable"];
        };
    };
    submitJobVersion: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the call safe to repeat for 24 hours within the project. Same key and same body: the same execution and the same answer, also while it is still running. Same key and another body: 422 `IDEMPOTENCY_KEY_REUSED`. Only calls that created or resumed a run are remembered.
                 * @example 4e0f6c1a-9b7d-4f5e-8a32-6d1c0b9e7f84
                 */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
                /**
                 * @description Groups runs into a session, which can be replayed. A UUID. Sent with the call that creates a run; a resume and later `/step` segments inherit it from their execution and need not repeat it.
                 * @example 5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c
                 */
                "X-Session-Id"?: components["parameters"]["session"];
            };
            path: {
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
                /**
                 * @description `0` is the draft as it is now; N ≥ 1 is published version N. Written without a space or sign behind the `v`: `/v3/execute`.
                 * @example 3
                 */
                version: components["parameters"]["version"];
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["Job"];
        responses: {
            202: components["responses"]["JobAccepted"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["PaymentRequired"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["RunFailed"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            501: components["responses"]["NotImplemented"];
            503: components["responses"]["Unavailable"];
        };
    };
    stepFlowVersion: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the call safe to repeat for 24 hours within the project. Same key and same body: the same execution and the same answer, also while it is still running. Same key and another body: 422 `IDEMPOTENCY_KEY_REUSED`. Only calls that created or resumed a run are remembered.
                 * @example 4e0f6c1a-9b7d-4f5e-8a32-6d1c0b9e7f84
                 */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
                /**
                 * @description The `id` of the last frame seen. The stream goes on with every logged event after it, each once and in order, then with the text so far of each step still open, then live.
                 * @example 7
                 */
                "Last-Event-ID"?: components["parameters"]["lastEventId"];
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
                /**
                 * @description What becomes of the run when the caller's connection goes. `continue`: it runs on and can be watched or resumed; a server cannot tell an abort from a cut cable. `cancel`: it is cancelled.
                 * @example continue
                 */
                "X-Noukai-On-Disconnect"?: components["parameters"]["onDisconnect"];
                /**
                 * @description Groups runs into a session, which can be replayed. A UUID. Sent with the call that creates a run; a resume and later `/step` segments inherit it from their execution and need not repeat it.
                 * @example 5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c
                 */
                "X-Session-Id"?: components["parameters"]["session"];
            };
            path: {
                /**
                 * @description The flow's slug.
                 * @example grade-3
                 */
                flow: components["parameters"]["flow"];
                /**
                 * @description The organisation's slug.
                 * @example acme
                 */
                org: components["parameters"]["org"];
                /**
                 * @description The project's slug. A path outside the key's project is refused with 403, without a look-up.
                 * @example spelling
                 */
                project: components["parameters"]["project"];
                /**
                 * @description `0` is the draft as it is now; N ≥ 1 is published version N. Written without a space or sign behind the `v`: `/v3/execute`.
                 * @example 3
                 */
                version: components["parameters"]["version"];
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["Step"];
        responses: {
            200: components["responses"]["SegmentStream"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["PaymentRequired"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["RunFailed"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            501: components["responses"]["NotImplemented"];
            503: components["responses"]["Unavailable"];
        };
    };
    getSession: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The UUID that the runs were recorded under.
                 * @example 5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c
                 */
                sessionId: components["parameters"]["sessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The recording. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionRecording"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            410: components["responses"]["Gone"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
        };
    };
    listTaskExecutions: {
        parameters: {
            query: {
                /**
                 * @description The execution whose tasks to list.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10
                 */
                flow_execution_id: components["parameters"]["taskFlowExecutionId"];
            };
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tasks. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskExecutionList"];
                };
            };
            400: components["responses"]["ExecutionBadRequest"];
            401: components["responses"]["ExecutionUnauthenticated"];
            403: components["responses"]["ExecutionForbidden"];
            404: components["responses"]["ExecutionNotFound"];
            429: components["responses"]["ExecutionRateLimited"];
            500: components["responses"]["ExecutionInternalError"];
        };
    };
    getTaskExecution: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The task's id.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10:check
                 */
                taskExecutionId: components["parameters"]["taskExecutionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The task. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskExecution"];
                };
            };
            401: components["responses"]["ExecutionUnauthenticated"];
            403: components["responses"]["ExecutionForbidden"];
            404: components["responses"]["ExecutionNotFound"];
            429: components["responses"]["ExecutionRateLimited"];
            500: components["responses"]["ExecutionInternalError"];
        };
    };
    replaceTaskOutput: {
        parameters: {
            query?: {
                /**
                 * @description Run what becomes stale at once.
                 * @example true
                 */
                execute_flow?: components["parameters"]["executeFlow"];
            };
            header?: {
                /**
                 * @description The contract's date that the client was written for. Never a reason to refuse a call.
                 * @example 2026-05-31
                 */
                "X-Noukai-API-Version"?: components["parameters"]["apiVersion"];
            };
            path: {
                /**
                 * @description The task's id.
                 * @example 0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10:check
                 */
                taskExecutionId: components["parameters"]["taskExecutionId"];
            };
            cookie?: never;
        };
        /** @description What the task is to have given. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["TaskOutputRequest"];
            };
        };
        responses: {
            /** @description The task with its new output. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskExecution"];
                };
            };
            400: components["responses"]["ExecutionBadRequest"];
            401: components["responses"]["ExecutionUnauthenticated"];
            402: components["responses"]["ExecutionPaymentRequired"];
            403: components["responses"]["ExecutionForbidden"];
            404: components["responses"]["ExecutionNotFound"];
            409: components["responses"]["ExecutionConflict"];
            413: components["responses"]["ExecutionTooLarge"];
            415: components["responses"]["ExecutionUnsupportedMediaType"];
            422: components["responses"]["ExecutionUnprocessable"];
            429: components["responses"]["ExecutionRateLimited"];
            500: components["responses"]["ExecutionInternalError"];
            503: components["responses"]["ExecutionUnavailable"];
        };
    };
}
