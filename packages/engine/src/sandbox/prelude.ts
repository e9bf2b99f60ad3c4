/**
 * What every fresh runtime evaluates before the user's code. Neither text is a wall: what the code can do to them, it does to itself alone.
 * Kept short, since it is parsed on every call: 1 KB of it costs about 40 µs.
 */

/**
 * Takes away the clock and the dice; its value is the function that calls the code. That one takes hold of what it needs before the code can change
 * it, and answers with one text: `{…` the result's JSON, `!` and a kind of value that is no object, `#` for a result that is too long.
 */
export const prelude = `(() => {
"use strict";
const { parse, stringify } = JSON, { apply, construct } = Reflect, toTag = Object.prototype.toString, { slice } = String.prototype, Calendar = Date, Fault = Error;
const absent = (what, instead) => { throw new Fault(what + " is not there in a code step, which gives the same output whenever it is run again. Pass " + instead + " in through the input."); };
const now = () => absent("The current time", "the time");
Calendar.now = now;
Calendar.prototype.constructor = Date = new Proxy(Calendar, { apply: now, construct: (target, parts, self) => parts.length ? construct(target, parts, self) : now() });
Math.random = () => absent("Math.random", "a value");
return (make, initial, inputText, namesText, maxLength) => {
const input = parse(inputText), names = parse(namesText), values = [typeof initial === "string" ? parse(initial) : initial, input];
for (let index = 0; index < names.length; index += 1) values[index + 2] = input[names[index]];
const result = apply(make, undefined, values)();
const tag = apply(toTag, result, []);
if (tag !== "[object Object]") return "!" + apply(slice, tag, [8, -1]);
const text = stringify(result);
if (typeof text !== "string" || text[0] !== "{") return "!toJSON";
return text.length > maxLength ? "#" : text;
};
})()`;

/**
 * Evaluated before the code when the flow's input has long members; its value is a function that gives the input. A long member is there like any
 * other, and read when it is asked for.
 */
export const flowInputReader = `(short, longNames, long) => {
"use strict";
const { parse } = JSON, { defineProperty } = Object, initial = parse(short), names = parse(longNames), texts = long.split("\\n");
const putOff = (name, text) => {
let value, isRead = false;
const get = () => { if (!isRead) { value = parse(text); isRead = true; } return value; };
const set = function (other) { defineProperty(this, name, { __proto__: null, value: other, writable: true, enumerable: true, configurable: true }); };
defineProperty(initial, name, { get, set });
};
for (let index = 0; index < names.length; index += 1) putOff(names[index], texts[index]);
return initial;
}`;

/** Evaluated after a call that threw; its value is a function that gives the JSON of what is to be said of an error. */
export const describer = `(error) => {
"use strict";
const show = (read, length) => { try { return String(read()).slice(0, length); } catch { return "a value that cannot be shown"; } };
const isError = (() => { try { return error instanceof Error; } catch { return false; } })();
if (!isError) return JSON.stringify({ name: "", message: "threw " + show(() => error, 1000), stack: "" });
return JSON.stringify({ name: show(() => error.name, 100), message: show(() => error.message, 1000), stack: show(() => error.stack, 4000) });
}`;
