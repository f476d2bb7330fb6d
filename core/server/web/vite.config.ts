import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// `npm run dev` shows the pages on a port of vite's, beside a server that answers
// their requests: COPPICE says where that listens.
const to = process.env['COPPICE'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  base: './',
  plugins: [react()],
  worker: { format: 'es' },
  build: {
    // No file is put into another: the pages' policy lets in none that is not
    // served.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 8000,
    rolldownOptions: {
      input: ['index.html', 'data.html'],
      // Libraries tell React's compiler not to compile them, which nobody does here.
      onLog: (level, log, tell) => log.code !== 'MODULE_LEVEL_DIRECTIVE' && tell(level, log),
    },
  },
  server: {
    proxy: Object.fromEntries(['/graphql', '/assets/first.graphql'].map((path) => [path, { target: to, changeOrigin: true, headers: { origin: to } }])),
  },
});
