import build from "@jitl/quickjs-wasmfile-release-sync";
import { readFileSync } from "node:fs";
import {
  type CustomizeVariantOptions,
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSSyncVariant,
  type QuickJSWASMModule,
} from "quickjs-emscripten-core";
import {
  describeBreakdown,
  describeOther,
  describeSyntax,
  describeThrown,
  describeTooLong,
  type Thrown,
  toThrown,
  unspeakable,
} from "./blame.ts";
import { type SandboxLimits, stackBytes } from "./limits.ts";
import { describer, flowInputReader, prelude } from "./prelude.ts";
import type { Answer, RunQuestion, ToldQuestion } from "./protocol.ts";
import { findUnsafe } from "./result.ts";
import type { CodeFault } from "./sandbox.ts";
import { fileName, wrap } from "./wrapper.ts";

/** One WASM module with a memory of its own. Used by one run, and not again after anything went wrong in it. */
export interface Machine {
  /** True once something went wrong; the module is then to be dropped. */
  readonly isSpent: boolean;
  /** Works the question off in a fresh runtime. `finish` is given the answer before the runtime is torn down. */
  answer(question: ToldQuestion, finish: (answer: Answer) => void): void;
}

export interface MachineOptions {
  readonly limits: SandboxLimits;
  /** Asked every few thousand operations; true ends the call. Never asked inside some built-in functions. */
  readonly shouldStop: () => boolean;
}

const pageBytes = 64 * 1024;
/** What the module's build asks for. */
const initialPages = 256;

/** What is used of it. TypeScript knows it only as a part of browsers. */
interface Wasm {
  readonly Memory: new (pages: { readonly initial: number; readonly maximum: number }) => object;
  compile(bytes: Uint8Array): Promise<object>;
}

const wasm = (globalThis as unknown as { readonly WebAssembly: Wasm }).WebAssembly; // as: every Node has it

/** The package's types say CommonJS, where its default export lies one level deeper. */
const quickJs = build as unknown as QuickJSSyncVariant;

/** Compiles QuickJS once; each call of what it gives makes a module (about 1 ms). */
export async function loadMachines({ limits, shouldStop }: MachineOptions): Promise<() => Promise<Machine>> {
  const wasmUrl = import.meta.resolve("@jitl/quickjs-wasmfile-release-sync/wasm");
  const wasmModule = await wasm.compile(readFileSync(new URL(wasmUrl)));
  const maximum = Math.max(initialPages, Math.floor(limits.memoryBytes / pageBytes));
  const make = async (builtins: ReadonlySet<string>): Promise<QuickJsMachine> => {
    const wasmMemory = new wasm.Memory({ initial: initialPages, maximum });
    const variant = newVariant(quickJs, { wasmModule, wasmMemory, emscriptenModule: silent });
    return new QuickJsMachine(await newQuickJSWASMModuleFromVariant(variant), { limits, shouldStop, builtins });
  };
  const builtins = (await make(new Set())).listGlobals();
  return () => make(builtins);
}

/** Standard output carries the answers. The loader's type knows less than Emscripten does. */
const silent = { print: () => {}, printErr: () => {} } as EmscriptenOptions;
type EmscriptenOptions = NonNullable<CustomizeVariantOptions["emscriptenModule"]>;

/** Of what the describer says of an error: room for its texts with every character escaped. */
const maxToldLength = 40_000;

class QuickJsMachine implements Machine {
  isSpent = false;
  readonly #module: QuickJSWASMModule;
  readonly #options: MachineOptions & { readonly builtins: ReadonlySet<string> };

  constructor(module: QuickJSWASMModule, options: MachineOptions & { readonly builtins: ReadonlySet<string> }) {
    this.#module = module;
    this.#options = options;
  }

  answer(question: ToldQuestion, finish: (answer: Answer) => void): void {
    const open: Disposable[] = [];
    const answer = this.#work(question, open);
    // What went wrong may have left anything behind; and the runs of two flows share nothing, not even a check of their syntax.
    this.isSpent = answer.kind !== "result";
    finish(answer);
    if (!this.isSpent) this.#tidy(open);
  }

  /** The names of the built-in things, which no variable hides. */
  listGlobals(): ReadonlySet<string> {
    const context = this.#open([]);
    const names = context.unwrapResult(
      context.evalCode("JSON.stringify(Reflect.ownKeys(globalThis).filter((key) => typeof key === 'string'))"),
    );
    return new Set(JSON.parse(context.getString(names)) as readonly string[]); // as: our own line of code says so
  }

  #work(question: ToldQuestion, open: Disposable[]): Answer {
    try {
      const context = this.#open(open);
      if (question.kind === "run") return this.#run(question, context);
      return { kind: "checked", fault: check(question.code, context) };
    } catch (error) {
      // Past QuickJS's own errors: V8's stack ran out under it, or it stumbled.
      const message = describeBreakdown(error);
      if (question.kind === "run") return { kind: "fault", message };
      return { kind: "checked", fault: { line: 1, column: 1, message } };
    }
  }

  /** Adds to `open` what is to be closed afterwards, in that order. */
  #open(open: Disposable[]): QuickJSContext {
    const runtime = this.#module.newRuntime();
    runtime.setMaxStackSize(stackBytes);
    runtime.setInterruptHandler(this.#options.shouldStop);
    const context = runtime.newContext();
    open.push(context, runtime);
    return context;
  }

  #run(question: ToldQuestion & { readonly kind: "run" }, context: QuickJSContext): Answer {
    const { limits, builtins } = this.#options;
    using call = context.unwrapResult(context.evalCode(prelude, "sandbox", { type: "global" }));
    const names = question.names.filter((name) => !builtins.has(name));
    const wrapped = wrap(question.code, names);
    using made = context.evalCode(wrapped.source, fileName, { type: "global", strict: true });
    if (made.error !== undefined) {
      return { kind: "fault", message: describeSyntax(tell(made.error, context), wrapped).message };
    }
    using initial = readFlowInput(question.initial, context);
    using input = context.newString(question.input);
    using nameList = context.newString(JSON.stringify(names));
    using maxLength = context.newNumber(limits.outputBytes);
    using said = context.callFunction(call, context.undefined, made.value, initial, input, nameList, maxLength);
    if (said.error !== undefined) {
      return { kind: "fault", message: describeThrown(tell(said.error, context), wrapped, limits) };
    }
    return judge(context.getString(said.value), limits);
  }

  #tidy(open: readonly Disposable[]): void {
    try {
      for (const part of open) part[Symbol.dispose]();
    } catch {
      // The runtime found its own books wrong: its answer stands, its memory is not used again.
      this.isSpent = true;
    }
  }
}

function check(code: string, context: QuickJSContext): CodeFault | undefined {
  const wrapped = wrap(code, []);
  using compiled = context.evalCode(wrapped.source, fileName, { type: "global", strict: true, compileOnly: true });
  if (compiled.error === undefined) return undefined;
  return describeSyntax(toThrown(context.dump(compiled.error)), wrapped);
}

/** What the prelude takes for the flow's input: its JSON, or the object itself when some of it is to be read later. */
function readFlowInput(initial: RunQuestion["initial"], context: QuickJSContext): QuickJSHandle {
  using short = context.newString(initial?.short ?? "{}");
  if (initial === undefined || initial.long === "") return short.dup();
  using reader = context.unwrapResult(context.evalCode(flowInputReader, "sandbox", { type: "global" }));
  using longNames = context.newString(initial.longNames);
  using long = context.newString(initial.long);
  return context.unwrapResult(context.callFunction(reader, context.undefined, short, longNames, long));
}

/** What is known of a value that was thrown. Asking it runs the user's code again: its getters, its `toString`, whatever it made of `JSON`. */
function tell(error: QuickJSHandle, context: QuickJSContext): Thrown {
  using describe = context.evalCode(describer, "sandbox", { type: "global" });
  if (describe.error !== undefined) return unspeakable;
  using told = context.callFunction(describe.value, context.undefined, error);
  if (told.error !== undefined || context.typeof(told.value) !== "string") return unspeakable;
  using length = context.getProp(told.value, "length");
  if (context.getNumber(length) > maxToldLength) return unspeakable;
  try {
    return toThrown(JSON.parse(context.getString(told.value)));
  } catch {
    return unspeakable;
  }
}

/** What the prelude's answer means. */
function judge(text: string, limits: SandboxLimits): Answer {
  if (text.startsWith("!")) return { kind: "fault", message: describeOther(text.slice(1)) };
  if (text.startsWith("#") || Buffer.byteLength(text) > limits.outputBytes) {
    return { kind: "fault", message: describeTooLong(limits) };
  }
  const unsafe = findUnsafe(JSON.parse(text));
  return unsafe === undefined ? { kind: "result", json: text } : { kind: "fault", message: unsafe };
}
