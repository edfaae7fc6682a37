import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

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

// With YIWANG=http://host:port the development server talks to a running
// yiwang; without it, to a small city in memory.
async function backend(): Promise<Plugin[]> {
  if (process.env.YIWANG || process.argv.includes('build') || process.env.VITEST) return [];
  const { mock } = await import('./mock/plugin.ts');
  return [mock()];
}

export default defineConfig(async () => ({
  base: '/desk/',
  plugins: [react(), compress(), ...(await backend())],
  build: {
    outDir: out,
    emptyOutDir: true,
    chunkSizeWarningLimit: 1200,
    target: 'es2022',
  },
  server: {
    host: '127.0.0.1',
    port: 5173,
    proxy: process.env.YIWANG ? { '/api': { target: process.env.YIWANG, timeout: 0 } } : undefined,
  },
  test: { include: ['src/**/*.test.ts'] },
}));
