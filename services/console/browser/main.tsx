import { render } from 'preact'
import { followLinks } from './model/address.ts'
import { listenToKeys } from './model/keyboard.ts'
import { Shell } from './parts/shell.tsx'
import { Route } from './views/route.tsx'

followLinks()
listenToKeys()
const app = document.getElementById('app')
if (app) {
  render(
    <Shell>
      <Route />
    </Shell>,
    app,
  )
}
