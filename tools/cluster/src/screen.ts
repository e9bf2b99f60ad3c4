import { type ClusterView, drawCluster } from "./picture.ts";

/** Where the picture is drawn: in place on a terminal; elsewhere once more whenever it changed. */
export class Screen {
  readonly #out: NodeJS.WriteStream;
  #shown = "";

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  show(view: ClusterView): void {
    const picture = drawCluster(view);
    if (picture === this.#shown) return;
    const back = this.#out.isTTY && this.#shown !== "" ? `\x1b[${this.#shown.split("\n").length}A\x1b[J` : "";
    this.#shown = picture;
    this.#out.write(`${back}${picture}\n${this.#out.isTTY ? "" : "\n"}`);
  }
}
