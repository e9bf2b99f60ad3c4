/** How many runs a process may have in work, and how many it has or is about to have, by project. */
export class Places {
  readonly #most: number;
  readonly #takenByProject = new Map<string, number>();
  #taken = 0;
  #change = Promise.withResolvers<void>();

  constructor(most: number) {
    this.#most = most;
  }

  get taken(): number {
    return this.#taken;
  }

  get left(): number {
    return this.#most - this.#taken;
  }

  takenBy(projectId: string): number {
    return this.#takenByProject.get(projectId) ?? 0;
  }

  /** Takes one, also where none is left: a run that is here has one. */
  take(projectId: string): void {
    this.#taken += 1;
    this.#takenByProject.set(projectId, this.takenBy(projectId) + 1);
  }

  giveBack(projectId: string): void {
    this.#taken -= 1;
    const left = this.takenBy(projectId) - 1;
    if (left === 0) this.#takenByProject.delete(projectId);
    else this.#takenByProject.set(projectId, left);
    this.stir();
  }

  /** Resolves when a place is given back next, or when somebody stirs. */
  get change(): Promise<void> {
    return this.#change.promise;
  }

  /** Lets those that wait for a change look at something else. */
  stir(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers<void>();
  }
}
