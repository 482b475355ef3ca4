import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { processorSeconds } from '../support/processes/processor-seconds.ts'
import { assert, claims } from '../support/suite.ts'

const seconds = 0.3
/** Works until it has taken so much of a processor, says so, and waits for the end of its input. */
const worker = `
const taken = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6 }
while (taken() < ${seconds}) {}
console.log('done')
process.stdin.resume()
`

claims('seconds of a processor', {
  'what a process has started is counted, while it is there and when it has ended': async () => {
    const before = processorSeconds()
    const child = spawn(process.execPath, ['-e', worker], { stdio: ['pipe', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    const during = processorSeconds()
    child.stdin.end()
    await once(child, 'exit')
    const after = processorSeconds()
    // Linux counts in hundredths.
    assert.ok(during - before > seconds - 0.1, `${during - before}`)
    assert.ok(after - before > seconds - 0.1, `${after - before}`)
    assert.ok(after >= during, `${during} and then ${after}`)
  },
})
