"""The stock Python packages against a node: only the address is the node's.

  pip install pinecone openai langchain-pinecone    (ran with 7.3.0, 3.57.0 and 0.2.13)
  npm start                                        (in another terminal)
  python examples/clients.py [NODE-URL] [INDEX]
"""

import os
import sys

from langchain_core.embeddings import Embeddings
from langchain_pinecone import PineconeVectorStore
from openai import OpenAI
from pinecone import Pinecone

url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8787"
name = sys.argv[2] if len(sys.argv) > 2 else "python-notes"
key = os.environ.get("TRIBUTARY_API_KEY", "none")
model = "BAAI/bge-small-en-v1.5"
texts = {"storks": "White storks nest on chimneys.", "ferry": "The ferry carries forty cars."}

openai = OpenAI(base_url=f"{url}/v1", api_key=key)
vectors = [item.embedding for item in openai.embeddings.create(model=model, input=list(texts.values())).data]
print("openai", len(vectors[0]))

pinecone = Pinecone(api_key=key, host=url)
pinecone.create_index(
    name=name, dimension=len(vectors[0]), metric="cosine", spec={"serverless": {"cloud": "aws", "region": "us-east-1"}}
)
index = pinecone.Index(host=pinecone.describe_index(name).host)
index.upsert([(id, vector, {"text": text}) for (id, text), vector in zip(texts.items(), vectors)])
question = openai.embeddings.create(model=model, input="where do storks nest").data[0].embedding
match = index.query(vector=question, top_k=1, include_metadata=True).matches[0]
print("pinecone", match.id, match.metadata["text"])


class NodeEmbeddings(Embeddings):
    """The node's embedding model for LangChain."""

    def embed_documents(self, documents):
        return [item.embedding for item in openai.embeddings.create(model=model, input=documents).data]

    def embed_query(self, text):
        return self.embed_documents([text])[0]


store = PineconeVectorStore(index=index, embedding=NodeEmbeddings(), namespace="langchain")
store.add_texts(list(texts.values()), ids=list(texts))
print("langchain", store.similarity_search("where do storks nest", k=1)[0].page_content)
