/** What a test has opened, ended in reverse order. (AsyncDisposableStack needs Node 24.) */
export class ResourceStack implements AsyncDisposable {
  readonly #ends: (() => PromiseLike<void> | void)[] = [];

  use<Resource extends AsyncDisposable>(resource: Resource): Resource {
    this.#ends.push(() => resource[Symbol.asyncDispose]());
    return resource;
  }

  defer(end: () => PromiseLike<void> | void): void {
    this.#ends.push(end);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#ends.reverse()) await end();
  }
}
