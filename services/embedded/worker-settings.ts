import { field, whole } from '../../shared/kernel/config.ts'

export const workerFields = {
  workers: field({
    env: 'CURFEW_WORKERS',
    schema: whole(1, 64),
    otherwise: '1',
    takes: 'a number from 1 to 64',
    doc:
      'How many processes answer the requests to `start`, on one port and one store. With 1 ' +
      'there is one process for everything. With more, one beside them keeps the views, runs ' +
      '`orders`, and starts a worker anew that ended. More than the cores of the machine gain ' +
      'nothing.',
  }),
} as const
