import { chromium } from 'playwright-core'
const [, , base, password, ...pages] = process.argv
const args = ['--no-sandbox','--disable-gpu','--no-first-run','--disable-background-networking','--disable-sync']
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args, headless: true })
const scheme = process.env['SCHEME'] === 'dark' ? 'dark' : 'light'
const width = Number(process.env['WIDTH'] ?? 1400)
const ctx = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme })
const page = await ctx.newPage()
page.on('console', m => { if (m.type() === 'error' || m.type() === 'warning') console.log('console', m.type(), m.text()) })
page.on('pageerror', e => console.log('pageerror', e.message, e.stack?.slice(0,400)))
const login = await ctx.request.post(`${base}/login`, { data: { username: 'admin', password } })
console.log('login', login.status())
for (const p of pages) {
  const [path, name, wait = '1500'] = p.split('=>')
  const t = performance.now()
  await page.goto(base + path)
  await page.waitForTimeout(Number(wait))
  await page.screenshot({ path: `/tmp/shots/${name}.png`, fullPage: false })
  console.log(name, Math.round(performance.now() - t))
}
await browser.close()
