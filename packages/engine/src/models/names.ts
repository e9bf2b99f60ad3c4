/** `provider/model` taken apart; the model's own name may have slashes. Without a slash the provider is empty. */
export function splitModel(model: string): readonly [provider: string, modelId: string] {
  const slash = model.indexOf("/");
  return slash === -1 ? ["", model] : [model.slice(0, slash), model.slice(slash + 1)];
}

export function providerOf(model: string): string {
  return splitModel(model)[0];
}

/** The model's name as its provider knows it. */
export function modelIdOf(model: string): string {
  return splitModel(model)[1];
}
