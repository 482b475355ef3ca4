// Reads every value of an LMDB directory and exits with 0, or dies of what it meets. Run by
// check-file.ts.
import { open } from 'lmdb'

const root = open({
  path: process.argv[2],
  name: null,
  noSubdir: false,
  readOnly: true,
  encoding: 'binary',
  maxDbs: 64,
})
for (const name of [...root.getKeys()]) {
  const database =
    name === 'format' ? undefined : root.openDB({ name, encoding: 'binary', keyEncoding: 'binary' })
  for (const { value } of database?.getRange() ?? []) {
    if (value === undefined) throw new Error('an entry without a value')
  }
}
