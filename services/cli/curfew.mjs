#!/usr/bin/env node
// Sources are TypeScript and nothing is built at install (`npm ci --ignore-scripts`): tsx strips
// the types here. The CommonJS side is for a `curfew.config.ts` in a folder of that kind.
import { register as registerCommonJs } from 'tsx/cjs/api'
import { register } from 'tsx/esm/api'

registerCommonJs()
register()
const { run } = await import('./main.ts')
await run(process.argv)
