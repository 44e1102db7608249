"""What Pinecone's Python client does, against the node whose address is the first argument (REST, no gRPC)."""

import sys

from pinecone import NotFoundError, Pinecone, PineconeApiException, ServerlessSpec

MODEL = "BAAI/bge-small-en-v1.5"


def refused(call, status):
    """Checks that a call is refused with a status; returns what it said."""
    try:
        call()
    except PineconeApiException as error:
        assert getattr(error, "status", getattr(error, "status_code", None)) == status, repr(error)
        return str(error)
    raise AssertionError("it was not refused")


def indexes(pc):
    spec = ServerlessSpec(cloud="aws", region="us-east-1")
    pc.create_index(name="snakes", dimension=2, metric="cosine", spec=spec, tags={"team": "a"})
    assert "already exists" in refused(lambda: pc.create_index(name="snakes", dimension=2, spec=spec), 409)
    pc.configure_index("snakes", deletion_protection="enabled", tags={"team": "b"})
    assert "Deletion protection" in refused(lambda: pc.delete_index("snakes"), 403)
    pc.configure_index("snakes", deletion_protection="disabled")
    model = pc.describe_index("snakes")
    assert (model.name, model.dimension, model.metric) == ("snakes", 2, "cosine"), model
    assert [one.name for one in pc.list_indexes()] == ["snakes"]
    return pc.Index(host=model.host)


def vectors(index):
    metadata = {"year": 1961, "tags": ["x"]}
    records = [{"id": "a", "values": [1, 0], "metadata": metadata}, {"id": "b", "values": [0.5, 0.4]}]
    assert index.upsert(vectors=records).upserted_count == 2
    index.upsert(vectors=[{"id": "n#1", "values": [1, 1]}], namespace="n")
    found = index.query(vector=[1, 0], top_k=2, include_metadata=True, include_values=True)
    assert [one.id for one in found.matches] == ["a", "b"], found
    assert found.matches[1].values == [0.5, 0.4] and found.matches[0].metadata["tags"] == ["x"], found
    assert [one.id for one in index.query(id="b", top_k=1, filter={"year": {"$exists": False}}).matches] == ["b"]
    assert list(index.fetch(ids=["b", "none", "a"]).vectors) == ["b", "a"]
    index.update(id="a", set_metadata={"year": 1962})
    assert index.fetch(ids=["a"]).vectors["a"].metadata == {"year": 1962, "tags": ["x"]}
    stats = index.describe_index_stats()
    assert stats.total_vector_count == 3 and stats.namespaces["n"].vector_count == 1, stats
    assert "does not match" in refused(lambda: index.upsert(vectors=[{"id": "c", "values": [1]}]), 400)
    change = {"filter": {"year": 1962}, "set_metadata": {"year": 1963}}
    assert index.update(**change, dry_run=True).matched_records == 1
    assert list(index.fetch_by_metadata(filter={"year": 1963}).vectors) == []
    assert index.update(**change).matched_records == 1
    assert list(index.fetch_by_metadata(filter={"year": 1963}, limit=1).vectors) == ["a"]
    assert [item.id for page in index.list(prefix="n#", namespace="n") for item in page.vectors] == ["n#1"]
    assert index.create_namespace(name="empty").record_count == 0
    names = [one.name for page in index.list_namespaces() for one in page.namespaces]
    assert names == ["__default__", "empty", "n"], names
    assert index.describe_namespace(name="n").record_count == 1
    index.delete_namespace(name="empty")
    index.delete(ids=["a"])
    index.delete(filter={"year": {"$exists": False}})
    index.delete(delete_all=True, namespace="n")
    assert index.describe_index_stats().total_vector_count == 0


def texts(pc):
    embed = {"model": MODEL, "field_map": {"text": "chunk"}}
    pc.create_index_for_model(name="texts", cloud="aws", region="us-east-1", embed=embed)
    index = pc.Index(host=pc.describe_index("texts").host)
    notes = [{"id": "s", "chunk": "White storks nest on chimneys."}, {"_id": "f", "chunk": "The flood begins in April."}]
    index.upsert_records(namespace="n", records=notes)
    found = index.search(namespace="n", top_k=1, inputs={"text": "where do birds nest"})
    hit = found.result.hits[0]
    assert (hit.id if hasattr(hit, "id") else hit["_id"]) == "s", found
    vectors = pc.inference.embed(model=MODEL, inputs=["a", "b"], parameters={"input_type": "passage"})
    assert [len(one.values) for one in vectors.data] == [384, 384]
    pc.delete_index("texts")


def main():
    pc = Pinecone(api_key="none", host=sys.argv[1])
    vectors(indexes(pc))
    texts(pc)
    pc.delete_index("snakes")
    try:
        pc.describe_index("snakes")
        raise AssertionError("it is still there")
    except NotFoundError:
        print("done")


main()
