import type { House } from './house.ts'

const index = ['index.ts']

/** The auditor; `main.ts`, its settings and what follows the log stand above its rooms. */
export const auditor: House = {
  folder: 'services/auditor',
  ground: [],
  rooms: [
    { name: 'invariants', shows: index, uses: [] },
    { name: 'indexing', shows: index, uses: ['invariants'] },
    { name: 'leaves', shows: index, uses: [] },
    { name: 'files', shows: index, uses: [] },
    { name: 'keys', shows: index, uses: [] },
    { name: 'export-formats', shows: index, uses: ['leaves'] },
    { name: 'receipts', shows: index, uses: ['leaves', 'files'] },
    { name: 'trees', shows: index, uses: ['leaves', 'files', 'receipts'] },
    { name: 'exports', shows: index, uses: ['leaves', 'files', 'export-formats', 'trees'] },
    {
      name: 'retention',
      shows: index,
      uses: ['files', 'export-formats', 'receipts', 'trees', 'exports'],
    },
    { name: 'verification', shows: index, uses: ['leaves', 'files', 'trees'] },
    { name: 'witnesses', shows: index, uses: ['files'] },
    { name: 'heads', shows: index, uses: ['files'] },
    { name: 'thread', shows: index, uses: ['files', 'keys', 'receipts', 'trees', 'verification'] },
  ],
}
