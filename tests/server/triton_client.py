"""Asks a server with Triton's own client: triton_client.py ADDRESS IMAGE. Prints what it got as JSON, masks by their SHA-256."""
import hashlib
import json
import sys

import numpy as np
import tritonclient.http as http
from tritonclient.utils import InferenceServerException

address, image = sys.argv[1:]
model = "breast-ultrasound"
client = http.InferenceServerClient(address, concurrency=8)
said = {
    "live": client.is_server_live(),
    "ready": client.is_server_ready(),
    "model_ready": client.is_model_ready(model) and client.is_model_ready(model, "1"),
    "extensions": client.get_server_metadata()["extensions"],
    "inputs": client.get_model_metadata(model)["inputs"],
    "index": [entry["name"] for entry in client.get_model_repository_index()],
}

with open(image, "rb") as file:
    encoded = np.array([file.read()], dtype=np.object_)


def digest(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def ask_images(outputs=None, **options):
    tensor = http.InferInput("image", [1], "BYTES")
    tensor.set_data_from_numpy(encoded)
    return client.infer(f"{model}-images", [tensor], outputs=outputs, request_id="seven", **options)


plain = ask_images()
said["id"] = plain.get_response()["id"]
said["area"] = int(plain.as_numpy("area")[0])
said["mask"] = digest(plain.as_numpy("mask"))
said["probability"] = digest(plain.as_numpy("probability"))
for algorithm in ("gzip", "deflate"):
    packed = ask_images(request_compression_algorithm=algorithm, response_compression_algorithm=algorithm)
    said[algorithm] = digest(packed.as_numpy("mask"))
in_json = ask_images([http.InferRequestedOutput("mask", binary_data=False)])
said["json"] = digest(in_json.as_numpy("mask").astype(np.uint8))

values = np.linspace(0, 1, 3 * 48 * 64, dtype=np.float32).reshape(1, 3, 48, 64)
logits = []
for is_binary in (True, False):
    tensor = http.InferInput("image", list(values.shape), "FP32")
    tensor.set_data_from_numpy(values, binary_data=is_binary)
    logits.append(digest(client.infer(model, [tensor]).as_numpy("logits")))
said["logits"] = logits


def ask_later():
    tensor = http.InferInput("image", [1], "BYTES")
    tensor.set_data_from_numpy(encoded)
    return client.async_infer(f"{model}-images", [tensor])


said["async"] = sorted({digest(asked.get_result().as_numpy("mask")) for asked in [ask_later() for _ in range(100)]})

errors = []
for wrong in (lambda: client.get_model_metadata("none"), lambda: client.load_model(model), lambda: client.infer(model, [])):
    try:
        wrong()
    except InferenceServerException as error:
        errors.append(error.message())
said["errors"] = errors
said["inferences"] = int(client.get_inference_statistics(model)["model_stats"][0]["inference_count"])
print(json.dumps(said))
