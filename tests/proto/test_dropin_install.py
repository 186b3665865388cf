"""install(): scoped, reported, undone; each case in a process of its own."""

import pytest

from .generated import EVENT, LOG, run_program, write_module


@pytest.fixture
def folder(tmp_path):
    for text in (EVENT, LOG):
        write_module(tmp_path, text)
    return tmp_path


def test_importing_installs_nothing(folder):
    run_program(folder, """
        import sys
        import tensorwire
        from tensorwire import proto
        assert not proto.installed()
        assert not any(name.startswith("google") for name in sys.modules)
        import event_pb2
        assert proto.message_class(event_pb2.Event) is not event_pb2.Event
    """)  # fmt: skip


def test_everything_imported_afterwards_is_ours(folder):
    run_program(folder, """
        from tensorwire import proto
        report = proto.install()
        import event_pb2, log_pb2
        from google.protobuf import timestamp_pb2
        from google.protobuf.message import Message

        expected = {"event_pb2", "log_pb2", "google.protobuf.timestamp_pb2"}
        assert set(report.active) == expected, report.active
        assert report.too_late == ()
        for cls in (event_pb2.Event, event_pb2.Event.User, log_pb2.Log, timestamp_pb2.Timestamp):
            assert proto.message_class(cls) is cls and issubclass(cls, Message)
        log = log_pb2.Log(events=[event_pb2.Event(id=3)], at=timestamp_pb2.Timestamp(seconds=5))
        assert type(log.events[0]) is event_pb2.Event
        assert type(log.events[0].user) is event_pb2.Event.User
        assert type(log.at) is timestamp_pb2.Timestamp
        assert log.at.ToJsonString() == "1970-01-01T00:00:05Z"
        assert event_pb2.Event.User.__qualname__ == "Event.User"
        assert event_pb2.Event.User.__module__ == "event_pb2"
    """)  # fmt: skip


def test_classes_as_rpc_stubs_use_them(folder):
    """Generated stubs hand methods around that belong to no message yet."""
    run_program(folder, """
        from tensorwire import proto
        with proto.install(only=["event_pb2"]):
            import event_pb2
        serialize, parse = event_pb2.Event.SerializeToString, event_pb2.Event.FromString
        event = parse(serialize(event_pb2.Event(id=3, tags=["a"])))
        assert type(event) is event_pb2.Event and event.id == 3
    """)  # fmt: skip


def test_late_modules_keep_upstreams_classes_and_are_named_once(folder):
    run_program(folder, """
        import warnings
        import event_pb2
        from tensorwire import TensorwireWarning, proto

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            report = proto.install()
            assert proto.install() is report
        assert report.too_late == ("event_pb2",) and report.active == ()
        (warning,) = caught
        assert warning.category is TensorwireWarning and "event_pb2" in str(warning.message)
        assert warning.filename == __file__

        import log_pb2
        from google.protobuf import message_factory
        get = message_factory.GetMessageClass
        assert get(event_pb2.Event.DESCRIPTOR) is event_pb2.Event
        assert get(log_pb2.Log.DESCRIPTOR) is log_pb2.Log
        late = event_pb2.Event(id=7)
        log = log_pb2.Log(events=[late])
        log.events.append(late)
        log.events[0].CopyFrom(late)
        assert [event.id for event in log.events] == [7, 7]
        assert isinstance(proto.to_upstream(log.events[0]), event_pb2.Event)
    """)  # fmt: skip


def test_a_warning_made_an_error_installs_nothing(folder):
    run_program(folder, """
        import event_pb2
        from tensorwire import TensorwireWarning, proto
        from google.protobuf import reflection
        before = reflection.GeneratedProtocolMessageType
        try:
            proto.install()                         # warnings are errors in this program
        except TensorwireWarning:
            pass
        assert not proto.installed() and reflection.GeneratedProtocolMessageType is before
    """)  # fmt: skip


def test_the_modules_name_is_the_one_it_was_imported_by(folder):
    """Not what protoc was told: projects move what it has generated."""
    (folder / "moved").mkdir()
    (folder / "moved/__init__.py").touch()
    (folder / "event_pb2.py").rename(folder / "moved/event_pb2.py")
    run_program(folder, """
        import pickle
        from tensorwire import proto
        with proto.install(only=["moved.*"]) as report:
            from moved import event_pb2
        assert report.active == ("moved.event_pb2",)
        assert proto.message_class(event_pb2.Event) is event_pb2.Event
        assert proto.install(only="event_pb2").too_late == ()
    """)  # fmt: skip


def test_globs_choose_modules(folder):
    run_program(folder, """
        import warnings
        from google.protobuf import timestamp_pb2
        from tensorwire import proto

        report = proto.install(only="ev*_pb2")      # not the late one: no warning
        assert report is proto.install(only=["ev*_pb2"]) and report.too_late == ()
        import event_pb2, log_pb2
        assert report.active == ("event_pb2",)
        assert proto.message_class(event_pb2.Event) is event_pb2.Event
        assert proto.message_class(log_pb2.Log) is not log_pb2.Log
        assert type(log_pb2.Log().at) is timestamp_pb2.Timestamp
    """)  # fmt: skip


def test_undoing_puts_upstreams_own_back(folder):
    run_program(folder, """
        from google.protobuf import message_factory, reflection, unknown_fields
        from tensorwire import proto

        def seams():
            return (message_factory.GetMessageClass, reflection.GeneratedProtocolMessageType,
                    unknown_fields.UnknownFieldSet)

        before = seams()
        first = proto.install(only=["event_pb2"])
        second = proto.install(only=["log_pb2"])
        assert all(new is not old for new, old in zip(seams(), before))
        first.undo()
        first.undo()
        assert proto.installed() and seams() != before
        import event_pb2, log_pb2
        second.undo()
        assert not proto.installed() and seams() == before
        assert proto.message_class(event_pb2.Event) is not event_pb2.Event
        assert proto.message_class(log_pb2.Log) is log_pb2.Log
        log = log_pb2.Log(events=[event_pb2.Event(id=7)])
        assert log_pb2.Log.FromString(log.SerializeToString()) == log
    """)  # fmt: skip


def test_a_seam_that_somebody_kept_does_what_upstreams_did(folder):
    run_program(folder, """
        from google.protobuf import descriptor_pool
        from tensorwire import proto

        with proto.install(only=["nothing"]):
            from google.protobuf.message_factory import GetMessageClass
            from google.protobuf.unknown_fields import UnknownFieldSet
        import event_pb2
        assert GetMessageClass(event_pb2.Event.DESCRIPTOR) is event_pb2.Event
        assert len(UnknownFieldSet(event_pb2.Event.FromString(bytes([40, 1])))) == 1
    """)  # fmt: skip


def test_unknown_fields_of_both_worlds(folder):
    run_program(folder, """
        from google.protobuf import empty_pb2, text_format, unknown_fields
        from tensorwire import proto

        with proto.install(only=["event_pb2"]):
            import event_pb2
            data = bytes([8, 1, 40, 2, 51, 40, 3, 52, 58, 1, 120])
            sets = [unknown_fields.UnknownFieldSet(cls.FromString(data))
                    for cls in (event_pb2.Event, empty_pb2.Empty)]
            assert all(isinstance(one, unknown_fields.UnknownFieldSet) for one in sets)
            ours, theirs = (list(one) for one in sets)
            assert [one.field_number for one in theirs] == [1, 5, 6, 7]
            assert [one.field_number for one in ours] == [5, 6, 7]
            assert ours[0] == theirs[1] and ours[2] == theirs[3] == (7, 2, b"x")
            assert list(ours[1].data) == list(theirs[2].data) == [(5, 0, 3)]
            event = event_pb2.Event.FromString(data)
            text = text_format.MessageToString(event, print_unknown_fields=True)
            assert text == 'id: 1\\n5: 2\\n6 {\\n  5: 3\\n}\\n7: "x"\\n', text
        assert [one.field_number for one in proto.unknown_fields(event)] == [5, 6, 7]
    """)  # fmt: skip


def test_upbs_switch_for_deep_messages_is_ours_too(folder):
    run_program(folder, """
        from google.protobuf.internal import api_implementation
        from tensorwire import DecodeError, proto

        if api_implementation.Type() != "upb":
            raise SystemExit
        with proto.install(only=["google.protobuf.struct_pb2"]):
            from google.protobuf import struct_pb2
            deep = at = struct_pb2.ListValue()
            for _ in range(60):                     # two levels each
                at = at.values.add().list_value
            data = deep.SerializeToString()
            switch = api_implementation._c_module.SetAllowOversizeProtos
            for allowed in (False, True, False):
                switch(allowed)
                try:
                    read = struct_pb2.ListValue.FromString(data)
                except DecodeError:
                    assert not allowed
                else:
                    assert allowed and read == deep
        assert api_implementation._c_module.SetAllowOversizeProtos is not switch
    """)  # fmt: skip


def test_classes_of_a_pool_of_ones_own(folder):
    run_program(folder, """
        from tensorwire import proto
        from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
        import event_pb2

        file = descriptor_pb2.FileDescriptorProto()
        event_pb2.DESCRIPTOR.CopyToProto(file)
        proto.install()
        classes = message_factory.GetMessages([file], pool=descriptor_pool.DescriptorPool())
        Event = classes["Event"]
        assert proto.message_class(Event) is Event is not event_pb2.Event
        assert message_factory.GetMessageClass(Event.DESCRIPTOR) is Event
        assert Event(id=3).SerializeToString() == event_pb2.Event(id=3).SerializeToString()
        assert descriptor_pb2.FileDescriptorProto is type(file)
    """.replace("proto.install()", """
        import warnings
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            proto.install()
    """.strip()))  # fmt: skip


def test_descriptions_of_descriptors_stay_upstreams(folder):
    """upb's pool takes only them."""
    run_program(folder, """
        from tensorwire import proto
        report = proto.install()
        from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
        import event_pb2

        file = descriptor_pb2.FileDescriptorProto()
        event_pb2.DESCRIPTOR.CopyToProto(file)
        descriptor_pool.DescriptorPool().Add(file)
        assert "google.protobuf.descriptor_pb2" not in report.active + report.too_late
        get = message_factory.GetMessageClass
        assert get(descriptor_pb2.FileDescriptorProto.DESCRIPTOR) is type(file)
    """)  # fmt: skip


def test_a_class_with_a_body_of_its_own_stays_upstreams(folder):
    run_program(folder, """
        from google.protobuf import descriptor_pb2, descriptor_pool, message, reflection
        from tensorwire import proto
        import event_pb2

        file = descriptor_pb2.FileDescriptorProto()
        event_pb2.DESCRIPTOR.CopyToProto(file)
        with proto.install(only=["__main__"]) as report:
            pool = descriptor_pool.DescriptorPool()
            pool.Add(file)

            class Own(message.Message, metaclass=reflection.GeneratedProtocolMessageType):
                DESCRIPTOR = pool.FindMessageTypeByName("Event")

                def twice(self):
                    return 2 * self.id

            assert report.active == () and Own(id=3).twice() == 6

            pool = descriptor_pool.DescriptorPool()
            pool.Add(file)

            class Plain(message.Message, metaclass=reflection.GeneratedProtocolMessageType):
                DESCRIPTOR = pool.FindMessageTypeByName("Event")

            assert report.active == ("__main__",)
            assert isinstance(Plain, reflection.GeneratedProtocolMessageType)
    """)  # fmt: skip


@pytest.mark.parametrize("version", ["3.20.3", "5.25.9", "7.37.0", "8.0.0rc1"])
def test_an_untested_upstream_is_refused_with_its_number(folder, version):
    run_program(folder, """
        import sys
        import google.protobuf
        from google.protobuf import reflection
        from tensorwire import proto

        google.protobuf.__version__ = sys.argv[1]
        before = reflection.GeneratedProtocolMessageType
        try:
            proto.install()
        except RuntimeError as error:
            assert sys.argv[1] in str(error) and "tested" in str(error)
        else:
            raise SystemExit("installed")
        assert not proto.installed()
        assert reflection.GeneratedProtocolMessageType is before
    """, version)  # fmt: skip


def test_without_upstream_the_extra_is_named(folder):
    run_program(folder, """
        import sys
        sys.modules["google.protobuf"] = None
        from tensorwire import proto
        try:
            proto.install()
        except ImportError as error:
            assert "tensorwire[protobuf]" in str(error)
        else:
            raise SystemExit("installed")
    """)  # fmt: skip


def test_many_threads_install_and_undo(folder):
    run_program(folder, """
        import threading
        from google.protobuf import reflection
        from tensorwire import proto

        before = reflection.GeneratedProtocolMessageType
        barrier = threading.Barrier(8)
        failures = []

        def work(number):
            try:
                barrier.wait()
                for turn in range(200):
                    with proto.install(only=[f"nothing{number}_{turn % 3}"]) as report:
                        assert proto.installed() and report.active == ()
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures, failures
        assert not proto.installed() and reflection.GeneratedProtocolMessageType is before
    """)  # fmt: skip
