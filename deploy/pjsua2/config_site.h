/* Compile-time settings of PJSIP for Vaxel's SIP worker. */

/* Signalling only what a contact centre needs */
#define PJMEDIA_HAS_VIDEO                   0
#define PJ_HAS_IPV6                         1
#define PJ_LOG_MAX_LEVEL                    5

/* A worker of up to 400 talking pairs, with head room for slots that wait for an unanswered BYE */
#define PJSUA_MAX_CALLS                     2000
#define PJSUA_MAX_ACC                       256
#define PJSUA_MAX_CONF_PORTS                8192
#define PJSUA_MAX_PLAYERS                   2048
#define PJSUA_MAX_RECORDERS                 1024
#define PJ_IOQUEUE_MAX_HANDLES              8192
#define PJSIP_MAX_TSX_COUNT                 65535
#define PJSIP_MAX_DIALOG_COUNT              65535
#define PJMEDIA_EVENT_MAX_EVENTS            1024

/* PJMEDIA_CONF_THREADS stays undefined: the serial bridge. The parallel one gains nothing here and adds races. */

/* Messages with long identity headers and many codecs; never switch to TCP because of the size. Every message that is
   sent reserves this much for as long as its transaction, or its call, may need to repeat it. */
#define PJSIP_MAX_PKT_LEN                   8000
#define PJSIP_MAX_URL_SIZE                  1024
#define PJSIP_DONT_SWITCH_TO_TCP            1

/* Bursts of signalling must not be lost in the kernel (capped by net.core.rmem_max and wmem_max) */
#define PJSIP_UDP_SO_RCVBUF_SIZE            4000000
#define PJSIP_UDP_SO_SNDBUF_SIZE            4000000

/* Refused by patch 17 */
#define PJSUA_HAS_IM_AND_PRESENCE           0

/* The first frames of a stream are heard (upstream: the first is thrown away, and all that came until then) */
#define PJMEDIA_STREAM_SOFT_START           0

/* Whoever offers: the order of codecs is the one our settings name */
#define PJMEDIA_SDP_NEG_PREFER_REMOTE_CODEC_ORDER 0

/* SRTP for trunks (SDES) and browsers (DTLS) */
#define PJMEDIA_HAS_SRTP                    1
#define PJMEDIA_SRTP_HAS_SDES               1
#define PJMEDIA_SRTP_HAS_DTLS               1

/* Codecs (PCMA, PCMU, G.722, Opus, T.140) are PJMEDIA's defaults and what configure finds. */
