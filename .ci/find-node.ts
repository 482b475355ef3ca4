import { dirname } from 'node:path'
import { findNode } from '../test/support/servers/other-nodes.ts'

/** `find-node.ts 24`: prints the folder of that Node, fetched from npm where it is not there. */
const [major = ''] = process.argv.slice(2)
process.stdout.write(`${dirname((await findNode(major)).path)}\n`)
