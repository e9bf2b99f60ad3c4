import type { ConversationMessage } from "@noukai/core/schema";

interface InputMembers {
  readonly message?: unknown;
  readonly messages?: unknown;
  readonly parameters?: unknown;
}

/** `parameters`, which may be left out when every input may. */
type Parameters<Input> = object extends Input
  ? { readonly parameters?: Readonly<Input> | undefined }
  : { readonly parameters: Readonly<Input> };

/** All inputs as `parameters`, or the one named `message` apart from them, as text or as the end of a conversation. */
type TypedInput<Input> =
  | (Parameters<Input> & { readonly message?: undefined; readonly messages?: undefined })
  | (Input extends { readonly message?: infer Message }
      ? Parameters<Omit<Input, "message">> &
          (
            | { readonly message: Message; readonly messages?: undefined }
            | { readonly messages: readonly ConversationMessage[]; readonly message?: undefined }
          )
      : never);

/** Options of a call to a flow with these inputs; as they stand for a flow of which nothing is known. */
export type OptionsFor<Options extends InputMembers, Input> = string extends keyof Input
  ? Options
  : Omit<Options, keyof InputMembers> & TypedInput<Input>;

/** The arguments of such a call: options may be left out when each of them may. */
export type ArgumentsFor<Options extends InputMembers, Input> =
  object extends OptionsFor<Options, Input>
    ? [options?: OptionsFor<Options, Input>]
    : [options: OptionsFor<Options, Input>];
