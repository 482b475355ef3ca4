import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorCode } from '../../../../shared/kernel/error-code.ts'
import { makeFolder } from '../../../../shared/kernel/process/make-folder.ts'
import { assert, claims } from '../../../support/suite.ts'
import { inTempFolder } from '../../../support/temp-folder.ts'

const codeOf = (path: string): unknown => {
  try {
    makeFolder(path)
    return null
  } catch (error) {
    return errorCode(error)
  }
}

claims('makeFolder', {
  'makes what is missing, each with the mode, and leaves what is there': () =>
    inTempFolder('make-folder', async (dir) => {
      mkdirSync(join(dir, 'a'), { mode: 0o755 })
      makeFolder(join(dir, 'a/b/c'), 0o700)
      makeFolder(join(dir, 'a/b/c'), 0o750)
      const modes = ['a', 'a/b', 'a/b/c'].map((path) => statSync(join(dir, path)).mode & 0o777)
      assert.equal(modes, [0o755, 0o700, 0o700])
    }),

  'ends where there is a file, or where nobody can make a folder': () =>
    inTempFolder('make-folder', async (dir) => {
      writeFileSync(join(dir, 'file'), '')
      assert.is(codeOf(join(dir, 'file')), 'EEXIST')
      assert.is(codeOf(join(dir, 'file/below')), 'ENOTDIR')
      // Linux answers ENOENT there, and Node's own `recursive` asks without end.
      if (existsSync('/proc/self')) assert.is(codeOf('/proc/nobody/makes/this'), 'ENOENT')
    }),
})
