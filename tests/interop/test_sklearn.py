"""Models that skl2onnx wrote from scikit-learn: trees in attributes, strings, pipelines."""

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("onnx", reason="onnx is not installed")
pytest.importorskip("sklearn", reason="scikit-learn is not installed")
skl2onnx = pytest.importorskip("skl2onnx", reason="skl2onnx is not installed")
from upstream_tensors import compare  # noqa: E402

import tensorwire as tw  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")

RNG = np.random.default_rng(3)
X = RNG.standard_normal((200, 7)).astype(np.float32)
Y = (X[:, 0] + X[:, 3] > 0).astype(np.int64)
NAMES = np.array(["no", "yes"])


def forest():
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(n_estimators=20, random_state=0), Y


def perceptron():
    from sklearn.neural_network import MLPClassifier

    return MLPClassifier((16, 8), max_iter=20, random_state=0), Y


def pipeline():
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), PCA(4), LogisticRegression()), NAMES[Y]


@pytest.fixture(params=[forest, perceptron, pipeline])
def written(request, tmp_path):
    """``(fitted estimator, path)``."""
    estimator, labels = request.param()
    estimator.fit(X, labels)
    options = {} if request.param is pipeline else {"zipmap": False}
    proto = skl2onnx.to_onnx(estimator, X[:1], options={id(estimator): options})
    path = tmp_path / "model.onnx"
    path.write_bytes(proto.SerializeToString())
    return estimator, path


def test_every_tensor_and_node_is_what_upstream_reads(written):
    _, path = written
    compare(path)


def test_attributes_are_what_upstream_reads(written):
    """Trees lie in attributes: long runs of integers, floats and strings."""
    import onnx

    _, path = written
    theirs = onnx.load(path).graph.node
    with tw.open(path) as model:
        compared = 0
        for ours, node in zip(model.graph.nodes, theirs, strict=True):
            for attribute in node.attribute:
                expected = onnx.helper.get_attribute_value(attribute)
                if isinstance(expected, onnx.TensorProto):
                    continue
                assert equal_value(ours.attributes[attribute.name], expected)
                compared += 1
        assert compared > 3


def equal_value(ours, theirs):
    """Upstream gives strings as bytes."""
    if isinstance(theirs, bytes):
        return as_bytes(ours) == theirs
    if isinstance(theirs, (int, float)):
        return ours == theirs
    return [as_bytes(item) for item in ours] == list(theirs)


def as_bytes(value):
    return value.encode() if isinstance(value, str) else value


def test_onnxruntime_runs_it_to_the_estimator_s_result(written):
    ort = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    estimator, path = written
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    labels = session.run(None, {session.get_inputs()[0].name: X})[0]
    assert np.mean(labels == estimator.predict(X)) > 0.99
