import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { english } from '../../../services/gateway/pages/texts/english.ts'
import { isAuthError } from '../../../shared/kernel/errors.ts'
import { namedBlock } from '../../support/documents/code-blocks.ts'
import { newJar } from '../../support/processes/browser.ts'
import { projectRoot } from '../../support/project-files.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'
import { inWorld } from '../../support/worlds/gateway-world.ts'
import { alice, inPagedWorld, ledBy, visit } from '../../support/worlds/paged-world.ts'

/** What a start with these settings says is wrong. */
const refusedWith = async (env: Readonly<Record<string, string>>): Promise<string> => {
  try {
    await inWorld({ env }, async () => {})
  } catch (error) {
    assert.ok(isAuthError(error, 'CONFIG_INVALID'), String(error))
    return (error as Error).message
  }
  throw new Error('it started')
}

claims('The settings of the pages', {
  'give them a name, escaped, and colours': () =>
    inWorld(
      { env: { CURFEW_PAGE_TITLE: 'A & <B>', CURFEW_PAGE_ACCENT: '#9A1B4B' } },
      async (world) => {
        const { text } = await visit(world, '/sign-in')
        assert.match(text, '<title>Sign in · A &amp; &lt;B&gt;</title>')
        assert.match(text, '--accent:#9a1b4b;--on-accent:#ffffff')
      },
    ),

  'give them another language by a file, read from right to left': () =>
    inTempFolder('texts', async (dir) => {
      const path = join(dir, 'fa.json')
      const texts = { ...english, sign_in: 'ورود' }
      await writeFile(path, JSON.stringify({ language: 'fa', direction: 'rtl', texts }))
      await inWorld({ env: { CURFEW_PAGE_TEXTS: path } }, async (world) => {
        const headers = { 'accept-language': 'fa-IR' }
        const { text } = await visit(world, '/sign-in', { headers })
        assert.match(text, '<html lang="fa" dir="rtl">')
        assert.match(text, '<h1>ورود</h1>')
      })
    }),

  'replace a text of a language that ships, as docs/pages.md prints it': () =>
    inTempFolder('texts', async (dir) => {
      const path = join(dir, 'texts.json')
      await writeFile(path, namedBlock('docs/pages.md', 'texts'))
      await inWorld({ env: { CURFEW_PAGE_TEXTS: path } }, async (world) => {
        const headers = { 'accept-language': 'ko' }
        assert.match((await visit(world, '/sign-in', { headers })).text, '<h1>들어가기</h1>')
      })
    }),

  'take the file of docs/reference whole': () => {
    const path = join(projectRoot, 'docs/reference/page-texts.json')
    return inWorld({ env: { CURFEW_PAGE_TEXTS: path } }, async () => {})
  },

  'stop the start where they are wrong, and say which and why': async () => {
    assert.match(await refusedWith({ CURFEW_PAGE_ACCENT: 'red' }), 'is no colour of six hex digits')
    assert.match(await refusedWith({ CURFEW_PAGE_ACCENT: '#ffee00' }), 'CURFEW_PAGE_ACCENT=#ffee00')
    const told = await refusedWith({
      CURFEW_RETURN_ORIGINS: 'https://*.co.uk,https://a.example/path',
      CURFEW_PAGE_TEXTS: '/nowhere/de.json',
    })
    assert.match(told, 'CURFEW_RETURN_ORIGINS has "https://*.co.uk"')
    assert.match(told, 'CURFEW_RETURN_ORIGINS has "https://a.example/path"')
    assert.match(told, 'CURFEW_PAGE_TEXTS: /nowhere/de.json cannot be read')
    assert.match(await refusedWith({ CURFEW_FORWARD_AUTH_SIGN_IN: 'yes' }), 'off, redirect')
  },

  'let a sign-in lead to the origins that they name': () =>
    inPagedWorld({ env: { CURFEW_RETURN_ORIGINS: 'https://app.example' } }, async (world) => {
      const form = { ...alice, return_to: 'https://app.example/in?a=b#c' }
      const answer = await visit(world, '/sign-in', { jar: newJar(), form })
      assert.is(ledBy(answer), 'https://app.example/in?a=b#c')
      const other = { ...alice, return_to: 'https://evil.example/in' }
      assert.is((await visit(world, '/sign-in', { form: other })).location, '/account')
    }),
})
