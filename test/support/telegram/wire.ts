import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Parameters } from './methods.ts'
import type { Refusal } from './refusal.ts'

/** Reads the parameters of a call, however they were sent. */
export async function parametersOf(request: IncomingMessage): Promise<Parameters> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  const type = request.headers['content-type'] ?? ''
  if (body.length === 0) return {}
  if (!type.startsWith('multipart/')) return JSON.parse(body.toString())
  const form = await new Response(body, { headers: { 'content-type': type } }).formData()
  const fields = Object.fromEntries(form)
  // A file is named in its own field and comes in another.
  for (const [key, value] of Object.entries(fields)) {
    const attached = /^attach:\/\/(.+)$/.exec(String(value))?.[1]
    if (attached !== undefined) fields[key] = fields[attached] ?? value
    else if (typeof value === 'string' && value.startsWith('{'))
      Object.assign(fields, { [key]: JSON.parse(value) })
  }
  return fields
}

export function refuse(response: ServerResponse, { code, message, parameters }: Refusal): void {
  reply(response, code, { ok: false, error_code: code, description: message, parameters })
}

export function reply(response: ServerResponse, code: number, body: object): void {
  if (response.destroyed || response.headersSent) return
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
