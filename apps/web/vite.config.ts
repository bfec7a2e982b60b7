import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where the centre answers while the workbench is being worked on with `npm run dev`. */
const center = process.env['FOREWARN_URL'] ?? 'http://127.0.0.1:4180';

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    // light-dark() stands in these and all later browsers; lowered, it would lose the theme.
    cssTarget: ['chrome123', 'firefox121', 'safari17.5'],
    // A data: address would need its own permission in the page's policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  server: { port: 4181, proxy: { '/api': center } },
});
