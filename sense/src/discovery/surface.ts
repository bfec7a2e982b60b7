/** Paths as surfaces: what is the same place for every caller stays, what names one thing or one person becomes `{id}`. */

/** Deeper paths are cut: what lies below is a document's place, no operation. */
const segmentsMax = 8;

/** Longer words are tokens, titles or names of documents. */
const wordMax = 32;

/**
 * The template of a path or request target: without query and fragment, with `{id}` for every segment that is not a plain word. Undefined for what is no
 * path (`*`, an authority, something endless).
 */
export function pathTemplate(target: string): string | undefined {
  const at = target.search(/[?#;]/);
  let path = at < 0 ? target : target.slice(0, at);
  // A proxy is asked with the whole URI.
  const absolute = /^[a-z][a-z0-9+.-]*:\/\/[^/]*/i.exec(path);
  if (absolute) path = path.slice(absolute[0].length) || '/';
  if (!path.startsWith('/') || path.length > 2_048) return undefined;
  const segments = path.split('/').slice(1);
  const kept = segments.slice(0, segmentsMax).map(segmentTemplate);
  return `/${kept.join('/')}${segments.length > segmentsMax ? '/…' : ''}`;
}

/** Words of letters with an ending of a file, versions of an API, and names of operations stay. */
function segmentTemplate(segment: string): string {
  if (segment === '') return '';
  if (/^v\d{1,2}(?:\.\d{1,2})?(?:(?:alpha|beta)\d{0,2})?$/.test(segment)) return segment;
  return segment.length <= wordMax && /^[A-Za-z]+(?:[-_.:][A-Za-z]+)*$/.test(segment) ? segment : '{id}';
}
