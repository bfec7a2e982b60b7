/** Indicators are shown so that no program turns them into a link, and nobody follows them by a slip. */

const address4 = /^\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?$/;
const domain = /^(?:[\p{L}\p{N}_-]+\.)+\p{L}[\p{L}\p{N}-]+$/u;

/** `hxxps://bad[.]example`, `203[.]0[.]113[.]7`. Other texts come back as they are. */
export function defang(text: string): string {
  const url = /^(https?|ftp):\/\/([^/]*)(.*)$/is.exec(text);
  if (url !== null) return `${url[1]!.toLowerCase().replace('tt', 'xx')}://${url[2]!.replaceAll('.', '[.]')}${url[3]!}`;
  return address4.test(text) || domain.test(text) ? text.replaceAll('.', '[.]') : text;
}

/** Whether writing it differently would protect somebody. */
export function isIndicator(text: string): boolean {
  return defang(text) !== text;
}

/** Internal addresses are not indicators: defanging them only slows the reader. RFC 1918, RFC 6598, loopback, link-local. */
export function isInternalAddress(text: string): boolean {
  return (
    /^(?:10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/.test(text) ||
    /^(?:fe80|f[cd]|::1$)/i.test(text)
  );
}

/** As it is shown on pages that speak of threats. */
export function shownIndicator(text: string): string {
  return isInternalAddress(text) ? text : defang(text);
}
