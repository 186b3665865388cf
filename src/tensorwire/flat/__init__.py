"""FlatBuffers: schemas, verification, views of buffers in place, and faster upstream classes."""
