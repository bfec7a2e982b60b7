// Runs before the first paint, from its own file because the page's policy allows no inline script.
(() => {
  let chosen = 'dark';
  try {
    chosen = localStorage.getItem('forewarn.scheme') ?? 'dark';
  } catch {
    // Storage may be closed to us; dark is the default of the control room.
  }
  const scheme = chosen === 'auto' ? (matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark') : chosen;
  document.documentElement.setAttribute('data-mantine-color-scheme', scheme);
})();
