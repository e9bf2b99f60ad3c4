/** A first page that is also all the entries: a loop asks for each page behind it when it is needed. */
export function pagewise<Entry, Page extends AsyncIterable<Entry>>(
  page: Promise<Page>,
): Promise<Page> & AsyncIterable<Entry> {
  return Object.assign(page, {
    async *[Symbol.asyncIterator]() {
      yield* await page;
    },
  });
}
