import type { House } from './house.ts'

/** The command line; `main.ts` stands above its rooms. */
export const cli: House = {
  folder: 'services/cli',
  ground: [],
  rooms: [
    {
      name: 'settings',
      shows: ['config-file.ts', 'environment.ts', 'known-settings.ts'],
      uses: [],
    },
    {
      name: 'store',
      shows: [...['open-store.ts'], ...['token-target.ts', 'user-names.ts']],
      uses: ['settings'],
    },
    { name: 'import', shows: ['django-users.ts', 'import-users.ts'], uses: ['store'] },
    {
      name: 'terminal',
      shows: [
        'ask.ts',
        'confirm-count.ts',
        'filter-text.ts',
        'print-list.ts',
        'printable.ts',
        'progress-line.ts',
        'read-stdin.ts',
        'failure-message.ts',
      ],
      uses: [],
    },
    {
      name: 'commands',
      shows: [
        'audit.ts',
        'audit-events.ts',
        'audit-hold.ts',
        'audit-retain.ts',
        'backup.ts',
        'clients.ts',
        'dead-letters.ts',
        'demo.ts',
        'demo-console.ts',
        'guards.ts',
        'import.ts',
        'keys.ts',
        'overview.ts',
        'receivers.ts',
        'revoke.ts',
        'services.ts',
        'sessions.ts',
        'settings.ts',
        'start.ts',
        'users.ts',
      ],
      uses: ['settings', 'store', 'import', 'terminal'],
    },
  ],
}
