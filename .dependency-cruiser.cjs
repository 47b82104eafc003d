/** Who may import whom: each room, and the rooms it may know. `kernel` may be known by all. */
const rooms = {
  kernel: [],
  store: [],
  processes: [],
  bot: ['store'],
  transports: ['bot', 'store'],
  pipeline: ['store', 'processes'],
  agents: ['pipeline', 'processes', 'bot', 'store'],
  projects: ['pipeline', 'store'],
  commands: ['bot', 'pipeline', 'agents', 'projects'],
  server: ['bot', 'pipeline', 'agents'],
}

/** Heavy packages, and the one folder that may load each. */
const owners = {
  'better-sqlite3': '^src/store/',
  yjs: '^src/pipeline/',
  'simple-git': '^src/pipeline/git/',
  'node-pty': '^src/agents/',
  grammy: '^src/transports/telegram/',
  'matrix-bot-sdk': '^src/transports/matrix/',
  'whatsapp-web.js': '^src/transports/whatsapp/',
  fastify: '^src/server/',
  '@modelcontextprotocol/sdk': '^src/server/',
}

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'nobody-imports-app',
      severity: 'error',
      from: { path: '^src/.+/', pathNot: '^src/cli/' },
      to: { path: '^src/[^/]+\\.ts$' },
    },
    {
      name: 'source-knows-no-tests',
      severity: 'error',
      from: { path: '^(src|bin)/' },
      to: { path: '^(test|bench)/' },
    },
    ...Object.entries(rooms).map(([room, known]) => ({
      name: `${room}-knows-only-its-own`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: '^src/', pathNot: `^src/(${[room, 'kernel', ...known].join('|')})/` },
    })),
    ...Object.entries(owners).map(([name, owner]) => ({
      name: `${name}-in-one-room`,
      severity: 'error',
      from: { path: '^src/', pathNot: owner },
      to: { path: `node_modules/${name}/`, dependencyTypesNot: ['type-only'] },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
}
