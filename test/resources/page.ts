/** A page or a feed of a site; asked for again while its process has used up what rendering may take of a second (503). */
export async function fetchPage(url: string, init: RequestInit = {}): Promise<Response> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const response = await fetch(url, init);
    if (response.status !== 503 || performance.now() > deadline) return response;
    await response.body?.cancel();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
