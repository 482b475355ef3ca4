#!/usr/bin/env node
// Sources are TypeScript and nothing is built at install (`npm ci --ignore-scripts`): tsx strips
// the types here.
import { register } from 'tsx/esm/api'

register()
const { run } = await import('./main.ts')
await run(process.argv)
