import { existsSync } from 'node:fs'
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { notRun } from '../support/not-run.ts'
import { guardConsumer } from '../support/packages/packed-guard.ts'
import { projectRoot } from '../support/project-files.ts'
import { cacheFolder, newDataFolder, run } from '../support/servers/server-process.ts'
import { claims } from '../support/suite.ts'
import {
  commandsOf,
  provesItself,
  withServices,
  writePage,
} from '../support/worlds/recipe-service.ts'
import { hearsAlone, inBothClocks } from '../support/worlds/recipe-world.ts'

const page = 'docs/node.md'
const nestPackages = [
  '@nestjs/common@12.5.1',
  '@nestjs/core@12.5.1',
  '@nestjs/platform-express@12.5.1',
  'reflect-metadata@0.2.2',
  'rxjs@7.8.2',
]

/** Nest from the registry, installed once: no part of Curfew needs it. */
const nestModules = async (): Promise<string> => {
  const dir = cacheFolder('nest-12.5.1')
  const complete = join(dir, 'complete')
  if (!existsSync(complete)) {
    await rm(dir, { recursive: true, force: true })
    await mkdir(dir, { recursive: true })
    await writeFile(join(dir, 'package.json'), '{}')
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund']
    await run('npm', ['install', '--prefix', dir, ...quiet, ...nestPackages], 280_000)
    await mkdir(complete)
  }
  return join(dir, 'node_modules')
}

const modulesOf = (dir: string): string => join(dir, 'node_modules')

/** A folder with the package as it is published, and what else the program imports. */
const appFolder = async (others: Readonly<Record<string, string>>): Promise<string> => {
  const { app } = await guardConsumer()
  const dir = newDataFolder('node')
  await mkdir(join(modulesOf(dir), '@nestjs'), { recursive: true })
  const all = { 'curfew-guard': modulesOf(app), ...others }
  for (const [name, from] of Object.entries(all)) {
    await symlink(join(from, name), join(modulesOf(dir), name))
  }
  return dir
}

const own = modulesOf(projectRoot)
const programs = {
  express: { express: own },
  fastify: { fastify: own },
  koa: { koa: own },
  http: {},
}

type Program = Readonly<{ dir: string; command: string }>

const plainPrograms = (): Promise<Program[]> => {
  const [command = ''] = commandsOf(page, 'start')
  return Promise.all(
    Object.entries(programs).map(async ([block, others]) => {
      const dir = await appFolder(others)
      writePage(dir, { page, files: { [block]: 'orders.mjs' } })
      return { dir, command }
    }),
  )
}

/** `null` after saying aloud that the registry did not answer, which CI does not take. */
const nestProgram = async (): Promise<Program | null> => {
  const nest = await nestModules().catch((error: unknown) => {
    if (process.env['CI'] === 'true') throw error
    notRun('the recipe for NestJS', String(error).split('\n')[0] ?? '')
    return null
  })
  if (nest === null) return null
  const names = nestPackages.map((one) => one.replace(/@[^@]+$/, ''))
  const dir = await appFolder(Object.fromEntries(names.map((name) => [name, nest])))
  writePage(dir, { page, files: { nest: 'main.mts' } })
  const compilerOptions = { experimentalDecorators: true, module: 'nodenext', target: 'es2022' }
  await writeFile(join(dir, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
  const tsx = join(own, 'tsx/dist/esm/index.mjs')
  return { dir, command: `node --import ${pathToFileURL(tsx).href} main.mts` }
}

claims('docs/node.md, services with the package as it is published', {
  'Express, Fastify, Koa, node:http and NestJS run as printed: in at once, out soon': async () => {
    const nest = await nestProgram()
    const all = [...(await plainPrograms()), ...(nest ? [nest] : [])]
    await inBothClocks(async (world) => {
      await withServices(world, all, (services) =>
        Promise.all(services.map((service) => provesItself(world, service, { isHearing: true }))),
      )
    }, hearsAlone)
  },
})
