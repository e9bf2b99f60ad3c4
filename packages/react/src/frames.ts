/** Pages in the background draw no frames, and their state goes on all the same. */
const HIDDEN_MS = 250;

/** Calls back with the next frame, or soon where none is drawn. Gives what takes the call back. */
export function onNextFrame(callback: () => void): () => void {
  const take = (): void => {
    giveUp();
    callback();
  };
  const frame = globalThis.requestAnimationFrame?.(take);
  const timer = setTimeout(take, frame === undefined ? 16 : HIDDEN_MS);
  const giveUp = (): void => {
    clearTimeout(timer);
    if (frame !== undefined) cancelAnimationFrame(frame);
  };
  return giveUp;
}
