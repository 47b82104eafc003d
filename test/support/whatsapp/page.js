/*
 * WhatsApp Web as far as whatsapp-web.js uses it here: its modules, over a socket to a server of our
 * own. A module that is not written below is told to the server, so that no test passes by luck.
 */
;(() => {
  const { Emitter, Wid, widOf, MsgKey, Messages, Chat, chats, chatOf, OpaqueData } =
    window.makeModels((method, argument) => call(method, argument))
  const Messaging = new Messages()
  const Chats = Object.assign(new Emitter(), {
    get: (id) => chats.get(widOf(id)._serialized),
    find: async (id) => chatOf(widOf(id)._serialized),
    getModelsArray: () => [...chats.values()],
  })
  const Socket = Object.assign(new Emitter(), {
    state: 'OPENING',
    hasSynced: false,
    set(state) {
      this.state = state
      this.emit('change:state', this, state)
    },
  })
  const Conn = Object.assign(new Emitter(), {
    ref: 'ref-1',
    platform: 'android',
    pushname: '',
    serialize() {
      return { pushname: this.pushname, platform: this.platform }
    },
  })
  const Cmd = Object.assign(new Emitter(), {
    refreshQR() {},
    sendRevokeMsgs: async (_chat, { list }) => {
      for (const msg of list) await call('revoke', msg.id._serialized)
    },
  })
  let me = {}
  const aliases = new Map()
  const nothing = {}

  const modules = {
    WAWebSocketModel: { Socket },
    WAWebCmd: { Cmd },
    WAWebConnModel: { Conn },
    WAWebOfflineHandler: { OfflineMessageHandler: { getOfflineDeliveryProgress: () => 100 } },
    WAWebAltDeviceLinkingApi: {
      setPairingType() {},
      async initializeAltDeviceLinking() {},
      startAltLinkingFlow: (phone) => call('pairingCode', phone),
    },
    WABase64: { encodeB64: () => 'a2V5' },
    WAWebCompanionRegClientUtils: { DEVICE_PLATFORM: 1 },
    WAWebAdvSignatureApi: nothing,
    WAWebUserPrefsInfoStore: {
      waNoiseInfo: { get: async () => ({ staticKeyPair: { pubKey: [] } }) },
    },
    WAWebSignalStoreApi: {
      waSignalStore: { getRegistrationInfo: async () => ({ identityKeyPair: { pubKey: [] } }) },
    },
    WAWebUserPrefsMultiDevice: { getADVSecretKey: () => 'secret' },
    WAWebUserPrefsMeUser: {
      getMaybeMePnUser: () => new Wid(me.phone),
      getMaybeMeLidUser: () => new Wid(me.lid),
    },
    // Modules that the library changes something in, for what is not used here.
    WAWebBackendJobsCommon: nothing,
    WAWebE2EProtoUtils: nothing,
    WAWebSyncGatingUtils: {},
    WAWebCallCollection: nothing,
    WAWebAddonReactionTableMode: nothing,
    WAWebAddonPollVoteTableMode: nothing,
    WAWebCollections: { Msg: Messaging, Chat: Chats, GroupMetadata: { update: async () => {} } },
    WAWebWidFactory: { createWid: widOf, asUserWidOrThrow: widOf, createWidFromWidLike: widOf },
    WAWebFindChatAction: {
      findOrCreateLatestChat: async (wid) => {
        const there = await call('findChat', widOf(wid)._serialized)
        if (!there) throw new Error('No LID for user')
        return { chat: chatOf(widOf(wid)._serialized) }
      },
    },
    WAWebChatGetters: { getIsNewsletter: () => false, getIsBroadcast: () => false },
    WALinkify: { findLink: () => undefined, findLinks: () => [] },
    WAWebMsgKey: MsgKey,
    WAWebGetEphemeralFieldsMsgActionsUtils: { getEphemeralFields: () => ({}) },
    WAWebMsgReply: { canReplyMsg: () => true },
    WAWebSendMsgChatAction: {
      addAndSendMsgToChat(chat, message) {
        const added = call('begin', chat.id._serialized).then(() => Messaging.add(message))
        const sent = added.then((msg) => {
          const { id, body, caption, filename, directPath, quotedStanzaID, type } = msg
          const said = { id, body, caption, filename, directPath, quotedStanzaID, type }
          return call('send', { ...said, chat: chat.id._serialized })
        })
        sent.catch(() => {})
        return [added, sent]
      },
    },
    WAWebMsgActionCapability: {
      canEditText: (msg) => !msg.isOld,
      canEditCaption: () => false,
      canSenderRevokeMsg: () => true,
      canAdminRevokeMsg: () => false,
    },
    WAWebSendMessageEditAction: {
      async sendMessageEdit(msg, body) {
        await call('edit', { id: msg.id._serialized, body })
        Messaging.change(msg.id, { body })
      },
    },
    WAWebSendReactionMsgAction: {
      sendReactionToMsg: (msg, emoji) => call('react', { id: msg.id._serialized, emoji }),
    },
    WAWebChatStateBridge: {
      sendChatStateComposing: (wid) => call('typing', { chat: wid._serialized, on: true }),
      sendChatStatePaused: (wid) => call('typing', { chat: wid._serialized, on: false }),
    },
    WAWebStreamModel: { Stream: { markAvailable() {}, markUnavailable() {} } },
    WAWebUpdateUnreadChatAction: { sendSeen: ({ chat }) => call('seen', chat.id._serialized) },
    WAWebQuotedMsgModelUtils: { getQuotedMsgObj: (msg) => Messaging.byKey(msg.quotedStanzaID) },
    WAWebApiContact: {
      getCurrentLid: (wid) => aliases.has(wid._serialized) && new Wid(aliases.get(wid._serialized)),
      getPhoneNumber: (wid) =>
        aliases.has(wid._serialized) && new Wid(aliases.get(wid._serialized)),
    },
    WAWebQueryExistsJob: {
      async queryWidExists(wid) {
        const other = await call('aliasOf', wid._serialized)
        if (other) aliases.set(wid._serialized, other)
        return other && { wid }
      },
    },
    WAWebChatLoadMessages: {
      async loadEarlierMsgs({ chat }) {
        const ids = chat.messages.map(({ id }) => id._serialized)
        const earlier = await call('earlier', { chat: chat.id._serialized, ids })
        return earlier.map((fields) => Messaging.keep(fields))
      },
    },
    WAWebLidMigrationUtils: { toPn: (wid) => wid },
    WAWebMediaOpaqueData: OpaqueData,
    WAWebPrepRawMedia: {
      prepRawMedia: (mediaBlob) => ({
        async waitForPrep() {
          const { file } = mediaBlob
          const data = { type: 'document', mimetype: file.type, filehash: 'hash', mediaBlob }
          return Object.assign(data, {
            set: (fields) => Object.assign(data, fields),
            toJSON: () => ({ type: 'document', filename: file.name, directPath: data.directPath }),
          })
        },
      }),
    },
    WAWebMediaStorage: {
      getOrCreateMediaObject: (filehash) => ({ filehash, type: 'document', consolidate() {} }),
    },
    WAWebMmsMediaTypes: { msgToMediaType: () => 'document', castToV4: () => 'document' },
    WAWebMediaDataUtils: { shouldUseMediaCache: () => true },
    WAWebMediaInMemoryBlobCache: { InMemoryMediaBlobCache: new Map([['put', undefined]]) },
    WAWebMediaMmsV4Upload: {
      async uploadMedia() {
        const file = modules.WAWebMediaInMemoryBlobCache.file
        const directPath = await call('upload', await file.text())
        return { mediaEntry: { mmsUrl: 'https://mmg.whatsapp.net', directPath, mediaKey: 'key' } }
      },
    },
    WAWebDownloadManager: {
      downloadManager: {
        downloadAndMaybeDecrypt: async ({ directPath }) =>
          new TextEncoder().encode(await call('download', directPath)).buffer,
      },
    },
  }
  modules.WAWebMediaInMemoryBlobCache.InMemoryMediaBlobCache = {
    put: (_hash, file) => {
      modules.WAWebMediaInMemoryBlobCache.file = file
    },
  }

  window.Debug = { VERSION: '2.3000.1' }
  window.require = (name) => {
    if (name in modules) return modules[name]
    call('unknownModule', name)
    throw new Error(`There is no module ${name} in this page.`)
  }

  const socket = new WebSocket(window.serverAddress)
  const asked = new Map()
  let calls = 0
  const call = (method, argument) => {
    const id = ++calls
    const answer = Promise.withResolvers()
    asked.set(id, answer)
    socket.send(JSON.stringify({ id, method, argument }))
    return answer.promise
  }
  const synced = async () => {
    // The library listens a little later, and would never hear of it.
    while (Socket.listenersOf('change:hasSynced').length === 0)
      await new Promise((resolve) => setTimeout(resolve, 10))
    Socket.hasSynced = true
    Socket.emit('change:hasSynced', Socket, true)
  }
  const welcome = (world) => {
    me = world.me
    Conn.pushname = me.name
    for (const { id, name, messages } of world.chats) {
      chats.set(id, new Chat(id, name))
      for (const message of messages) Messaging.keep(message)
    }
    Socket.set('CONNECTED')
    if (world.faults.includes('early-sync')) Socket.hasSynced = true
    else if (!world.faults.includes('no-sync')) synced()
  }
  const events = {
    paired({ session, world }) {
      localStorage.setItem('session', session)
      Socket.set('PAIRING')
      welcome(world)
    },
    ref({ ref }) {
      Conn.ref = ref
      Conn.emit('change:ref', Conn, ref)
    },
    message: ({ message }) => Messaging.add({ ...message, isNewMsg: true }),
    changed: ({ id, changes }) => Messaging.change(id, changes),
    state: ({ state }) => Socket.set(state),
    async logout() {
      localStorage.removeItem('session')
      Cmd.emit('logout')
      location.href = 'https://web.whatsapp.com/?post_logout=1'
    },
    reload: () => location.reload(),
    fill: ({ mb }) => {
      window.ballast = Array.from({ length: mb }, () => new Uint8Array(2 ** 20).fill(1))
    },
  }
  socket.onopen = async () => {
    const world = await call('hello', localStorage.getItem('session'))
    if (world) welcome(world)
    else Socket.set('UNPAIRED')
  }
  socket.onmessage = ({ data }) => {
    const { answers, value, error, event, ...rest } = JSON.parse(data)
    if (event) return events[event](rest)
    const answer = asked.get(answers)
    asked.delete(answers)
    if (error === undefined) answer?.resolve(value)
    else answer?.reject(new Error(error))
  }
})()
