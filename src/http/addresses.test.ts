import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { allowedNames, bracketed, certifiedHosts, reachableName } from './addresses.ts'

const development = { hosts: ['127.0.0.1'], publicUrl: undefined, isDevelopment: true, allowHosts: [] }

describe('the names that a Host header may have', () => {
  test('are the clouds’ own for the development secret', () => {
    const names = allowedNames(development) ?? []
    assert(names.includes('graph.microsoft.com') && names.includes('login.chinacloudapi.cn'))
    assert(!names.includes('evil.example'))
  })

  test('are any for a secret of one’s own', () => {
    assert.equal(allowedNames({ ...development, isDevelopment: false }), undefined)
  })

  test('are those that are allowed, in any case, and the public one', () => {
    const reach = {
      ...development,
      isDevelopment: false,
      allowHosts: ['Dev.Example'],
      publicUrl: 'https://r.example:8443',
    }
    const names = allowedNames(reach) ?? []
    assert(names.includes('dev.example') && names.includes('r.example'))
    assert(!names.includes('other.example'))
  })
})

test('the certificate is for every name that clients may use', () => {
  const reach = { ...development, allowHosts: ['dev.example'], publicUrl: 'https://r.example:8443' }
  assert.deepEqual(certifiedHosts(reach), ['127.0.0.1', 'dev.example', 'r.example'])
})

test('a server on loopback or everywhere is reached as localhost, another by its address', () => {
  assert.equal(reachableName(['::1']), 'localhost')
  assert.equal(reachableName(['0.0.0.0']), 'localhost')
  assert.equal(reachableName(['192.0.2.7']), '192.0.2.7')
  assert.equal(reachableName(['2001:db8::7']), '[2001:db8::7]')
  assert.equal(bracketed('host.example'), 'host.example')
})
