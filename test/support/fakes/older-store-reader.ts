import { openPlain } from '../worlds/older-lmdb.ts'

/** Reads the store at its argument, as a process of an older version does, until its input ends. */
const root = openPlain(process.argv[2] ?? '')
root.get('format')
process.stdout.write('reads\n')
process.stdin.resume()
process.stdin.once('end', () => void root.close())
