"""What servers that others wrote answered on the wire, byte for byte but for their addresses: transformers serve 5.23, llama.cpp's own
server, and LiteLLM's proxy 1.108 before it; each given the embedded base model.
"""

from __future__ import annotations


def _answer(head: str, body: bytes) -> bytes:
    return head.strip().replace("\n", "\r\n").encode() + b"\r\n\r\n" + body


TRANSFORMERS_TEXT = _answer(
    """
HTTP/1.1 200 OK
date: Fri, 27 Nov 2026 20:09:07 GMT
server: uvicorn
content-length: 338
content-type: application/json
x-request-id: cec4e5fe-f238-418b-ae04-e096697b4e96
""",
    b'{"id":"cec4e5fe-f238-418b-ae04-e096697b4e96","choices":[{"finish_reason":"length","index":0,"message":{"content":"Dear God,\\n\\nI am writing '
    b'to inform you of","role":"assistant"}}],"created":1795810153,"model":"/srv/models/SmolLM2-135M@main","object":"chat.completion","usage":'
    b'{"completion_tokens":12,"prompt_tokens":37,"total_tokens":49}}',
)
# Of a model that it cannot load, after which it closes the connection without a word of it.
TRANSFORMERS_500 = _answer(
    """
HTTP/1.1 500 Internal Server Error
date: Fri, 27 Nov 2026 20:07:30 GMT
server: uvicorn
content-length: 21
content-type: text/plain; charset=utf-8
""",
    b"Internal Server Error",
)
TRANSFORMERS_422 = _answer(
    """
HTTP/1.1 422 Unprocessable Entity
date: Fri, 27 Nov 2026 20:07:30 GMT
server: uvicorn
content-length: 124
content-type: application/json
x-request-id: fdf03c7f-577f-42f6-a380-a91d38bf624b
""",
    b'{"detail":[{"type":"json_invalid","loc":["body",0],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting value"}}]}',
)
LLAMA_TEXT = _answer(
    """
HTTP/1.1 200 OK
Server: llama.cpp
Access-Control-Allow-Origin:
Content-Type: application/json; charset=utf-8
Content-Length: 675
Keep-Alive: timeout=5, max=100
""",
    b'{"choices":[{"finish_reason":"length","index":0,"message":{"role":"assistant","content":"Dear Hiring Editor,\\n\\nI\'m excited to start"}}],'
    b'"created":1795810683,"model":"bartowski/SmolLM2-135M-Instruct","system_fingerprint":"b0-unknown","object":"chat.completion","usage":'
    b'{"completion_tokens":12,"prompt_tokens":37,"total_tokens":49,"prompt_tokens_details":{"cached_tokens":36}},"id":"chatcmpl-imhNtcWNvpRHBgrGhXxkjes6wSbl175j",'
    b'"timings":{"cache_n":36,"prompt_n":1,"prompt_ms":58.083,"prompt_per_token_ms":58.083,"prompt_per_second":17.21674155949245,"predicted_n":12,'
    b'"predicted_ms":5644.039,"predicted_per_token_ms":513.0944545454545,"predicted_per_second":1.9489588927362127}}',
)
LLAMA_401 = _answer(
    """
HTTP/1.1 401 Unauthorized
Server: llama.cpp
Access-Control-Allow-Origin:
Content-Type: application/json; charset=utf-8
Content-Length: 80
Connection: close
""",
    b'{"error":{"message":"Invalid API Key","type":"authentication_error","code":401}}',
)
LLAMA_TOO_LONG = _answer(
    """
HTTP/1.1 400 Bad Request
Server: llama.cpp
Access-Control-Allow-Origin:
Content-Type: application/json; charset=utf-8
Content-Length: 195
Connection: close
""",
    b'{"error":{"code":400,"message":"request (4531 tokens) exceeds the available context size (1024 tokens), try increasing it",'
    b'"type":"exceed_context_size_error","n_prompt_tokens":4531,"n_ctx":1024}}',
)
LLAMA_404 = _answer(
    """
HTTP/1.1 404 Not Found
Server: llama.cpp
Access-Control-Allow-Origin:
Content-Type: application/json; charset=utf-8
Content-Length: 74
Connection: close
""",
    b'{"error":{"message":"File Not Found","type":"not_found_error","code":404}}',
)
# Of a request without a key; in chunks.
LITELLM_500 = _answer(
    """
HTTP/1.1 500 Internal Server Error
date: Fri, 27 Nov 2026 20:18:03 GMT
content-type: text/plain; charset=utf-8
connection: close
Transfer-Encoding: chunked
""",
    b"15\r\nInternal Server Error\r\n0\r\n\r\n",
)
LITELLM_NO_MODEL = _answer(
    """
HTTP/1.1 400 Bad Request
date: Fri, 27 Nov 2026 20:18:18 GMT
x-litellm-call-id: 30cdfda5-4d57-4fb6-9d85-ee90b4c1d511
x-litellm-response-cost: 0
x-litellm-key-spend: 0.0
content-length: 363
content-type: application/json
vary: Origin
x-frame-options: DENY
content-security-policy: frame-ancestors 'none'
x-content-type-options: nosniff
""",
    b'{"error":{"message":"/chat/completions: Invalid model name passed in model=team/none. Call `/v1/models` to view available models for your key.",'
    b'"type":"invalid_request_error","param":null,"code":"400","provider_specific_fields":{"error":"/chat/completions: Invalid model name passed in '
    b'model=team/none. Call `/v1/models` to view available models for your key."}}}',
)
