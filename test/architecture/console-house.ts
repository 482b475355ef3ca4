import type { House } from './house.ts'

/** The console: what serves it, and what runs in browsers. */
export const consoleHouse: House = {
  folder: 'services/console',
  ground: [],
  rooms: [
    {
      name: 'serving',
      shows: ['build-console.ts', 'console-shell.ts', 'serve-console.ts'],
      uses: [],
    },
    { name: 'alone', shows: ['index.ts'], uses: ['serving'] },
    { name: 'browser/model', shows: 'all', uses: [] },
    { name: 'browser/parts', shows: 'all', uses: ['browser/model'] },
    { name: 'browser/views', shows: 'all', uses: ['browser/model', 'browser/parts'] },
    {
      name: 'browser',
      shows: ['main.tsx'],
      uses: ['browser/model', 'browser/parts', 'browser/views'],
    },
  ],
}
