import { closureOf, type Import } from './import-graph.ts'
import { neededServers } from './needed-servers.ts'
import { byPath, type SourceText } from './project-files.ts'

/** Modules by which a test works on processes, or measures its own. */
const ofProcesses = /^(node:)?(child_process|cluster|inspector|v8|vm|worker_threads)$|^playwright/

/** Words by which it changes its own process, or asks about it. */
const ofItsProcess = [
  /process\.env(\.\w+|\[[^\]]+\])\s*=[^=]|delete process\.env/,
  /process\.(abort|chdir|emit\w*|exit|kill|on|once|setegid|seteuid|setgid|setuid|umask)\(/,
  /process\.(cpuUsage|getActive\w+|memoryUsage|resourceUsage)\b/,
  /\b(globalThis|gc)\b/,
]

/** Why a test file has a process to itself; `null` for one that may share it. */
export type Apart = (file: string) => string | null

/**
 * Answers which files may run one after another in one process: those that need no server, and
 * neither start processes nor change or measure their own, themselves or in what they import below
 * test/. What they leave behind all the same is seen when they end (`traces.ts`).
 */
export const apartIn = (sources: readonly SourceText[]): Apart => {
  const files = byPath(sources)
  const whyApart = (path: string): string | null => {
    if (ofProcesses.test(path)) return path
    const text = files.get(path)?.text ?? ''
    return (
      ofItsProcess
        .map((words) => words.exec(text)?.[0])
        .find((said) => said)
        ?.trim() ?? null
    )
  }
  const isTold = ({ to, typeOnly }: Import): boolean =>
    !typeOnly && (to.startsWith('test/') || ofProcesses.test(to))
  return (file) => {
    const [server] = neededServers(file, sources)
    if (server !== undefined) return server
    const reached = [...closureOf([file], files, isTold)]
    const found = reached.find(([path]) => whyApart(path) !== null)
    if (!found) return null
    const [path, from] = found
    return ofProcesses.test(path) ? `${path} in ${from}` : `${whyApart(path)} in ${path}`
  }
}
