import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

// Beside the committed placeholder, not over it: a build leaves the tree clean.
const out = '../internal/door/desk/dist/site';

// The server keeps the compressed twin of each asset beside it, so that it
// spends no time on compressing.
function compress(): Plugin {
  return {
    name: 'compress',
    apply: 'build',
    closeBundle() {
      const dir = join(import.meta.dirname, out, 'assets');
      for (const name of readdirSync(dir)) {
        if (!/\.(m?js|css|svg)$/.test(name)) continue;
        const path = join(dir, name);
        writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
      }
    },
  };
}

// The development server hands the API on to a running yiwang.
const server = process.env.YIWANG ?? 'http://127.0.0.1:8080';

export default defineConfig({
  base: '/desk/',
  plugins: [react(), compress()],
  build: {
    outDir: out,
    emptyOutDir: true,
    chunkSizeWarningLimit: 1200,
    target: 'es2022',
  },
  server: {
    host: '127.0.0.1',
    port: 5173,
    proxy: { '/api': { target: server, timeout: 0 } },
  },
  test: { include: ['src/**/*.test.ts'] },
});
