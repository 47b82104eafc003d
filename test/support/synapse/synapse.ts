import { type ChildProcess, spawn } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { synapsePackages } from './packages.ts'

const startSeconds = 120
/** Where files lie in memory; in some containers it holds less than a server with a few rooms needs. */
const memory = '/dev/shm'
const leastMemory = 512 * 1024 * 1024

/** Somebody with an account on the server, logged in. */
export interface MatrixUser {
  readonly id: string
  readonly password: string
  readonly device: string
  readonly token: string
}

/** A real Matrix server on loopback, with a database of its own in a folder that goes with it. */
export class Synapse implements AsyncDisposable {
  readonly url: string
  readonly #tree: string
  readonly #folder: string
  readonly #secret = randomBytes(16).toString('hex')
  #server: ChildProcess | undefined

  private constructor(tree: string, folder: string, port: number) {
    this.#tree = tree
    this.#folder = folder
    this.url = `http://127.0.0.1:${port}`
  }

  /** `extra` is YAML that wins over the usual options: rate limits, for instance. */
  static async start(extra = ''): Promise<Synapse> {
    const tree = await synapsePackages()
    const folder = mkdtempSync(join(shelf(), 'huskies-synapse-'))
    const port = await freePort()
    const synapse = new Synapse(tree, folder, port)
    writeFileSync(join(folder, 'extra.yaml'), `${extra}\n`)
    writeFileSync(join(folder, 'log.yaml'), logging)
    writeFileSync(join(folder, 'homeserver.yaml'), configuration(folder, port, synapse.#secret))
    await synapse.resume()
    return synapse
  }

  /** Starts it again after `pause`, with all that it knew. */
  async resume(): Promise<void> {
    const log = openSync(join(this.#folder, 'synapse.log'), 'a')
    const { command, args, env } = interpreter(this.#tree)
    const files = ['homeserver.yaml', 'extra.yaml'].flatMap((name) => [
      '-c',
      join(this.#folder, name),
    ])
    const server = spawn(command, [...args, '-m', 'synapse.app.homeserver', ...files], {
      env: { ...env, PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', HOME: this.#folder },
      stdio: ['ignore', log, log],
    })
    this.#server = server
    for (let tries = 0; tries < startSeconds * 10; tries += 1) {
      if (server.exitCode !== null) break
      const response = await fetch(`${this.url}/_matrix/client/versions`).catch(() => undefined)
      if (response?.ok) return
      await pause(100)
    }
    throw new Error(`Synapse does not start: ${this.log().slice(-2000)}`)
  }

  /** Ends the server, as for a restart. */
  async pause(): Promise<void> {
    const server = this.#server
    if (server?.exitCode !== null || server.signalCode !== null) return
    server.kill('SIGTERM')
    await once(server, 'exit')
  }

  log(): string {
    return readFileSync(join(this.#folder, 'synapse.log'), 'utf8')
  }

  /** Makes an account and logs in. */
  async user(name: string): Promise<MatrixUser> {
    const path = '/_synapse/admin/v1/register'
    const { nonce } = await this.request<{ nonce: string }>('GET', path)
    const password = randomBytes(8).toString('hex')
    const mac = createHmac('sha1', this.#secret).update(
      [nonce, name, password, 'notadmin'].join('\0'),
    )
    const body = { nonce, username: name, password, admin: false, mac: mac.digest('hex') }
    const made = await this.request<{ user_id: string; access_token: string; device_id: string }>(
      'POST',
      path,
      body,
    )
    return { id: made.user_id, password, device: made.device_id, token: made.access_token }
  }

  /** One call of the server's API, again when it asks to wait; throws its answer when that is an error. */
  async request<Answer>(
    method: string,
    path: string,
    body?: unknown,
    token?: string,
  ): Promise<Answer> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        'content-type': 'application/json',
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (response.status === 429) {
      await pause(JSON.parse(text).retry_after_ms)
      return this.request(method, path, body, token)
    }
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`)
    return JSON.parse(text) as Answer
  }

  /** Puts a file on the server, and returns its address. */
  async upload(text: string, token: string): Promise<string> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'text/plain' }
    const path = '/_matrix/media/v3/upload?filename=file'
    const response = await fetch(this.url + path, { method: 'POST', headers, body: text })
    const { content_uri } = (await response.json()) as { content_uri: string }
    return content_uri
  }

  /** The text of an uploaded file. */
  async download(path: string, token: string): Promise<string> {
    const headers = { authorization: `Bearer ${token}` }
    const response = await fetch(this.url + path, { headers })
    if (!response.ok) throw new Error(`GET ${path} answered ${response.status}`)
    return response.text()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pause()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** The tree's own Python by the tree's own loader, whatever this machine's libraries are. */
function interpreter(tree: string) {
  const libraries = join(tree, 'usr/lib')
  const folder = readdirSync(libraries).find((name) => name.endsWith('-linux-gnu'))
  if (folder === undefined) throw new Error(`There are no libraries in ${libraries}.`)
  const own = join(libraries, folder)
  const loader = readdirSync(own).find((name) => /^ld-linux.*\.so/.test(name))
  if (loader === undefined) throw new Error(`There is no loader in ${own}.`)
  return {
    command: join(own, loader),
    args: ['--library-path', own, join(tree, 'usr/bin/python3')],
    env: {
      PYTHONHOME: join(tree, 'usr'),
      OPENSSL_CONF: join(tree, 'usr/lib/ssl/openssl.cnf'),
      OPENSSL_MODULES: join(own, 'ossl-modules'),
    },
  }
}

/** It writes through to the disk with each event: in memory that costs nothing, and it restarts all the same. */
function shelf(): string {
  if (!existsSync(memory)) return tmpdir()
  const { bavail, bsize } = statfsSync(memory)
  return bavail * bsize < leastMemory ? tmpdir() : memory
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}

const free = '{per_second: 100000, burst_count: 100000}'

function configuration(folder: string, port: number, secret: string): string {
  mkdirSync(join(folder, 'media'), { recursive: true })
  return `server_name: localhost
public_baseurl: http://127.0.0.1:${port}/
pid_file: ${folder}/synapse.pid
signing_key_path: ${folder}/signing.key
media_store_path: ${folder}/media
log_config: ${folder}/log.yaml
report_stats: false
listeners:
  - {port: ${port}, type: http, tls: false, bind_addresses: [127.0.0.1], resources: [{names: [client], compress: false}]}
database: {name: sqlite3, args: {database: ${folder}/homeserver.db}}
registration_shared_secret: ${secret}
macaroon_secret_key: ${randomBytes(16).toString('hex')}
form_secret: ${randomBytes(16).toString('hex')}
bcrypt_rounds: 4
federation_domain_whitelist: []
trusted_key_servers: []
caches: {sync_response_cache_duration: 0s}
rc_message: ${free}
rc_registration: ${free}
rc_login: {address: ${free}, account: ${free}, failed_attempts: ${free}}
rc_joins: {local: ${free}, remote: ${free}}
rc_joins_per_room: ${free}
rc_key_requests: ${free}
rc_invites: {per_room: ${free}, per_user: ${free}, per_issuer: ${free}}
rc_media_create: ${free}
rc_presence: {per_user: ${free}}
rc_room_creation: ${free}
rc_user_directory: ${free}
`
}

const logging = `version: 1
formatters: {line: {format: '%(asctime)s %(levelname)s %(name)s: %(message)s'}}
handlers: {out: {class: logging.StreamHandler, formatter: line, stream: ext://sys.stderr}}
root: {level: WARNING, handlers: [out]}
disable_existing_loggers: false
`
