#!/usr/bin/python3
"""GStreamer's RTSP server as an independent peer for the camera tests.

usage: gst-server.py PORT USER     the password stands in GST_PASSWORD; an empty USER asks for no login (Digest otherwise)
Prints "port N" once it serves rtsp://127.0.0.1:N/cam.
Needs Debian's gir1.2-gst-rtsp-server-1.0, python3-gi and gstreamer1.0-plugins-ugly (x264enc).
"""
import os
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

LAUNCH = (
    "( videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=15/1 "
    "! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15 ! rtph264pay name=pay0 pt=96 )"
)


def main(port, user):
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(LAUNCH)
    factory.set_shared(True)
    # Only interleaved TCP: a client that asks for UDP first gets no picture.
    factory.set_protocols(GstRtsp.RTSPLowerTrans.TCP)
    if user:
        auth = GstRtspServer.RTSPAuth()
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "user")
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_permission_for_role("user", "media.factory.access", True)
        permissions.add_permission_for_role("user", "media.factory.construct", True)
        factory.set_permissions(permissions)
        auth.add_digest(user, os.environ["GST_PASSWORD"], token)
        server.set_auth(auth)
    server.get_mount_points().add_factory("/cam", factory)
    if server.attach(None) == 0:
        sys.exit("cannot listen on port " + port)
    print("port", server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


main(*sys.argv[1:3])
