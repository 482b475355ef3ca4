import { runTypeScript } from '../shared/typescript/load.mjs'

// `node --import ./.ci/typescript.mjs …`: the scripts of this repository, on each version of Node.
await runTypeScript(import.meta.url)
