import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { z } from 'zod'

/** A server of one tool, `ask`, through which a program asks a person who always answers the same. */
export async function servePerson(answer: 'allow' | 'deny') {
  const server = createServer(async (request, response) => {
    const tools = new McpServer({ name: 'person', version: '1.0.0' })
    tools.registerTool('ask', { inputSchema: question }, ({ input }) => ({
      content: [{ type: 'text', text: JSON.stringify(behaviour(answer, input)) }],
    }))
    const transport = new StreamableHTTPServerTransport({})
    await tools.connect(transport as Parameters<McpServer['connect']>[0])
    await transport.handleRequest(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const question = {
  tool_name: z.string(),
  input: z.record(z.string(), z.unknown()),
  tool_use_id: z.string().optional(),
}

function behaviour(answer: 'allow' | 'deny', input: object): object {
  if (answer === 'allow') return { behavior: 'allow', updatedInput: input }
  return { behavior: 'deny', message: 'A person said no.' }
}
