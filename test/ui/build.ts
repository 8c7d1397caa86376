/** Builds what a browser loads, with the very script that the product is built with. */
export async function buildPages(outDir: string): Promise<void> {
  const script = new URL('../../scripts/build-browser.mjs', import.meta.url).href;
  const { buildBrowser }: { buildBrowser(outDir: string): Promise<void> } = await import(script);
  await buildBrowser(outDir);
}
