import module from 'node:module'
import { fileURLToPath } from 'node:url'
import { runSources } from '../shared/typescript/built-folder.mjs'
import { runTypeScript } from '../shared/typescript/load.mjs'

// `node --import ./.ci/typescript.mjs …`: the scripts of this repository, on each version of Node.
runSources()
await runTypeScript(import.meta.url)
// What is compiled is kept, beside what `npm run typecheck` keeps: each test process would compile
// the same hundreds of files. Node 20 has no such store, and one that was named is in use already.
module.enableCompileCache?.(
  fileURLToPath(new URL('../node_modules/.cache/curfew/compiled', import.meta.url)),
)
